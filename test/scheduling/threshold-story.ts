import type { ThresholdStory } from './threshold-scenario.ts';

const sameEdit = (...options: readonly string[]): string[] => options.map((words) => `-e SERVER -g ${words}`);

/** Server 1 of 2 gets every other connection: half of `expiring` and `staying`. */
export const THRESHOLD_STORIES: readonly ThresholdStory[] = [
  { before: '', expiring: 0, staying: 6, edit: sameEdit('-x 2') },
  { before: '', expiring: 0, staying: 6, edit: sameEdit('-x 3') },
  { before: '', expiring: 0, staying: 6, edit: sameEdit('-x 4') },
  { before: '-x 8', expiring: 0, staying: 16, edit: sameEdit('-x 9') },
  { before: '-x 8', expiring: 0, staying: 16, edit: sameEdit('-x 12') },
  { before: '-x 8', expiring: 0, staying: 16, edit: sameEdit('-x 0', '-x 8') },
  { before: '-x 8', expiring: 0, staying: 16, edit: ['-d SERVER', '-a SERVER -g -x 9'] },
  { before: '-x 8', expiring: 2, staying: 14, edit: [] },
  { before: '-x 8', expiring: 2, staying: 14, edit: sameEdit('-x 8') },
  { before: '-x 8', expiring: 2, staying: 14, edit: sameEdit('-x 9') },
  { before: '-x 8', expiring: 2, staying: 14, edit: sameEdit('-x 9 -y 3') },
  { before: '-x 8', expiring: 2, staying: 14, edit: sameEdit('-x 8 -y 7') },
  { before: '-x 8', expiring: 2, staying: 14, edit: sameEdit('-x 8 -y 8') },
  { before: '-x 8', expiring: 6, staying: 10, edit: [] },
  { before: '-x 8', expiring: 6, staying: 10, edit: sameEdit('-x 6') },
  { before: '-x 8 -y 2', expiring: 8, staying: 8, edit: [] },
  { before: '-x 8 -y 2', expiring: 8, staying: 8, edit: sameEdit('-x 10 -y 2') },
  { before: '-x 8 -y 2', expiring: 8, staying: 8, edit: sameEdit('-x 8 -y 6') },
];
