/**
 * Says that thousands of entries will be worked on. V8 then does without its second optimising compiler: what that gains in the tenth of
 * a second that the work takes is less than what compiling takes, most of all where machine code is emulated.
 */
export function expectBulk(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString('--no-opt');
}
