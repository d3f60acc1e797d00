import type { Place } from './place.ts';

/** A run of characters that were written side by side, or that stand for one place: the definition's name where it was used. */
interface Segment {
  /** Index of its first character in the text. */
  readonly start: number;
  readonly place: Place;
  /** Whether all characters have the place itself. */
  readonly fixed: boolean;
}

/** A text whose characters know where they were written, also after comments were cut out and definitions put in. */
export class PlacedText {
  readonly text: string;
  readonly #segments: readonly Segment[];

  private constructor(text: string, segments: readonly Segment[]) {
    this.text = text;
    this.#segments = segments;
  }

  /** A text that begins at a place. */
  static at(text: string, place: Place): PlacedText {
    return new PlacedText(text, [{ start: 0, place, fixed: false }]);
  }

  /** A text all of which stands for one place. */
  static standingFor(text: string, place: Place): PlacedText {
    return new PlacedText(text, [{ start: 0, place, fixed: true }]);
  }

  get length(): number {
    return this.text.length;
  }

  /** Where the character at an index was written. */
  placeAt(index: number): Place {
    const segment = this.#segments.findLast(({ start }) => start <= index) ?? this.#segments[0];
    if (segment === undefined) throw new RangeError('a placed text has at least one segment');
    if (segment.fixed) return segment.place;
    return { ...segment.place, column: segment.place.column + Math.max(0, index - segment.start) };
  }

  slice(from: number, to = this.text.length): PlacedText {
    const end = Math.max(from, Math.min(to, this.text.length));
    const kept: Segment[] = [];
    this.#segments.forEach((segment, number) => {
      const next = this.#segments[number + 1]?.start ?? Number.POSITIVE_INFINITY;
      if (next <= from || (segment.start >= end && kept.length > 0)) return;
      const start = Math.max(segment.start, from);
      kept.push({ start: start - from, place: this.#placeIn(segment, start), fixed: segment.fixed });
    });
    return new PlacedText(
      this.text.slice(from, end),
      kept.length > 0 ? kept : [{ start: 0, place: this.placeAt(from), fixed: false }],
    );
  }

  concat(other: PlacedText): PlacedText {
    if (this.text === '') return other;
    const moved = other.#segments.map((segment) => ({ ...segment, start: segment.start + this.text.length }));
    return new PlacedText(this.text + other.text, [...this.#segments, ...moved]);
  }

  /** The text with other characters in the place of those from `from` to `to`. */
  replace(from: number, to: number, other: PlacedText): PlacedText {
    return this.slice(0, from).concat(other).concat(this.slice(to));
  }

  /** Without blanks at both ends. */
  trim(): PlacedText {
    const from = this.text.search(/[^ \t]|$/);
    return this.slice(from, Math.max(from, this.text.search(/[ \t]*$/)));
  }

  #placeIn({ start, place, fixed }: Segment, index: number): Place {
    return fixed ? place : { ...place, column: place.column + index - start };
  }
}
