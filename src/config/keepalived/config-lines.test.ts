// biome-ignore-all lint/suspicious/noTemplateCurlyInString: definitions of a keepalived.conf look like placeholders.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigInvalidError, formatProblem } from '../config-problem.ts';
import { ConfigLines } from './config-lines.ts';
import { fakeEnvironment } from './fake-environment.ts';
import type { KeepalivedEnvironment } from './keepalived-environment.ts';
import { ProblemLog } from './problem-log.ts';

/** The lines of a text, or `place: message` of what is wrong. */
function linesOf(text: string, environment = fakeEnvironment()): string[] {
  return read(text, environment).map(({ text: line }) => line);
}

function read(text: string, environment: KeepalivedEnvironment) {
  const log = new ProblemLog();
  const lines = new ConfigLines(text, 'keepalived.conf', environment, log);
  const found = [];
  for (let line = lines.next(); line !== undefined; line = lines.next()) found.push(line);
  log.throwErrors();
  return found;
}

function mistakesOf(text: string, environment = fakeEnvironment()): string[] {
  try {
    read(text, environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    return error.problems.map(formatProblem);
  }
}

const cases: readonly (readonly [what: string, text: string, lines: readonly string[]])[] = [
  ['blank lines and comments', '# a\n  ! b\n\n a 1 # c\nb 2! d\r\n', ['a 1', 'b 2']],
  ['comment marks in quotes', 'a "x # y ! z" # c', ['a "x # y ! z"']],
  ['escaped comment marks', 'a x\\#y \\! # c', ['a x#y !']],
  ['an escaped quote', 'a "x \\" # y" # c', ['a "x \\" # y"']],
  ['braces anywhere', 'a { b { c 1 } d }\n}', ['a', '{', 'b', '{', 'c 1', '}', 'd', '}', '}']],
  ['braces in quotes', 'a "{ }" {', ['a "{ }"', '{']],
  ['a continued line', 'a 1 \\\n  2 \\ # c\n  3\nb', ['a 1 2 3', 'b']],
  ['lines for this host', '@main a 1\n@other b\n@^main c\n@^other d\n@main\n', ['a 1', 'd']],
  ['conditions in a row', '@main @^other a', ['a']],
  ['a definition', '$X=1 2\na $X\nb ${X}3\nc $X3 $Y ${Y}', ['a 1 2', 'b 1 23', 'c $X3 $Y $', '{', 'Y', '}']],
  ['an empty definition', '$X=\na $X b', ['a  b']],
  ['a definition before commas and parentheses', '$X=1\na $X, $X)', ['a 1, 1)']],
  [
    'definitions in definitions, put in where they are used',
    '$A=10.2.${B}\n$B=0\n${A}.100/32\n$B=10\n${A}.100/32',
    ['10.2.0.100/32', '10.2.10.100/32'],
  ],
  ['a condition that a definition holds', '$IF=@main\n$IF a\n$NOT=@^main\n$NOT b', ['a']],
  ['a condition before a definition', '@main $P=240\n@other $P=200\na $P', ['a 240']],
  [
    'a definition of several lines',
    '$I= \\\na ${N} { \\\n# c\n  b 1 \\ # c\n\\\n  c \\\n  }\n\n$N=0\n$I\n$N=1\n$I',
    ['a 0', '{', 'b 1', 'c', '}', 'a 1', '{', 'b 1', 'c', '}'],
  ],
  [
    'nested definitions of several lines',
    '$RS= \\\n  r ${V}.${R} { \\\n  }\n$VS= \\\n  v ${V} { \\\n  $R=1 \\\n  $RS \\\n  $R=2 \\\n  $RS \\\n  }\n$V=7\n$VS\nend',
    ['v 7', '{', 'r 7.1', '{', '}', 'r 7.2', '{', '}', '}', 'end'],
  ],
  ['a definition whose backslash is in a comment', '$I= \\\n a # \\\nb\n$I', ['b', 'a']],
  ['a definition of several lines that a blank line ends', '$I= \\\n a \\\n\nb\n$I', ['b', 'a']],
  ['a definition of several lines within a line', '$X= \\\n a \\\n b\nc $X d', ['c $X d']],
  ['_PWD', 'a ${_PWD}/x', ['a /etc/keepalived/x']],
  ['_INSTANCE', 'a ${_INSTANCE}', ['a main']],
  ['_ENV', 'a ${_ENV HOME} ${_ENV NONE}.', ['a /root .']],
  ['_RANDOM', 'a ${_RANDOM} ${_RANDOM 5} ${_RANDOM 5 9}', ['a 0 5 5']],
  ['_HASH and _BANG', 'a ${_HASH}b ${_BANG}', ['a #b !']],
  ['a predefined name, defined', '$_PWD=/x\na ${_PWD}', ['a /x']],
  ['~SEQ to a number', '~SEQ(N, 3) a $N', ['a 1', 'a 2', 'a 3']],
  ['~SEQ below zero', '~SEQ(N, -2) a $N', ['a -1', 'a -2']],
  ['~SEQ from and to', '~SEQ(N, 0, 3) a ${N}.1', ['a 0.1', 'a 1.1', 'a 2.1', 'a 3.1']],
  ['~SEQ downwards', '~SEQ(N, 3, 1) a $N', ['a 3', 'a 2', 'a 1']],
  ['~SEQ with a step', '~SEQ(N,144,16,192) a $N', ['a 144', 'a 160', 'a 176', 'a 192']],
  ['~SEQx', '~SEQx(N, 0x90, 0x10, 0xc0) a ::${N}:1', ['a ::90:1', 'a ::a0:1', 'a ::b0:1', 'a ::c0:1']],
  ['~SEQ with a definition', '$L=2\n~SEQ(N, $L) a $N', ['a 1', 'a 2']],
  ['~SEQ in ~SEQ', '~SEQ(A,0,1) ~SEQ(B,5,6) a ${A}${B}', ['a 05', 'a 06', 'a 15', 'a 16']],
  ['~LST', '~LST(A, x, y) a $A', ['a x', 'a y']],
  ['~LST of sets', '~LST({A, B}, {10,1},{20,4}, {5}) a ${A}-${B}', ['a 10-1', 'a 20-4', 'a 5-']],
  ['~LST in ~LST', '~LST(A,1,2) ~LST(B,5,6) a ${A}.${B}', ['a 1.5', 'a 1.6', 'a 2.5', 'a 2.6']],
  ['~LST and ~SEQ', '~LST({A,B},{1,2}) ~SEQ(C,168,2,170) $C.$A ${A}${B}', ['$C.1 12', '$C.1 12']],
  [
    'a sequence of definitions of several lines',
    '$V= \\\n a ${A}.${B} \\\n b\n~SEQ(A,1,2) ~SEQ(B,8,9) $V\nend',
    ['a 1.8', 'b', 'a 1.9', 'b', 'a 2.8', 'b', 'a 2.9', 'b', 'end'],
  ],
  ['a sequence within a definition', '$V= \\\n ~SEQ(A,1,2) a $A \\\n b\n$V', ['a 1', 'a 2', 'b']],
  ['a byte-order mark', '\uFEFFa', ['a']],
];

describe('lines of a keepalived.conf', () => {
  for (const [what, text, lines] of cases) {
    it(what, () => assert.deepEqual(linesOf(text), lines));
  }

  it('knows where each character was written', () => {
    const lines = read('$X=value\n\n  key  a\\#$X  "b" # c\n', fakeEnvironment());
    const [line] = lines;
    assert.equal(line?.text, 'key  a#value  "b"');
    const columns = [0, 5, 6, 7, 11, 14].map((at) => line?.placeAt(at));
    assert.deepEqual(
      columns.map((place) => [place?.line, place?.column]),
      [
        [3, 3],
        [3, 8],
        [3, 10],
        [3, 11],
        [3, 11],
        [3, 15],
      ],
    );
  });

  it('knows the lines of a definition of several lines', () => {
    const lines = read('$X= \\\n a 1 \\\n   b 2\n$X\n', fakeEnvironment());
    assert.deepEqual(
      lines.map((line) => line.placeAt(0)),
      [
        { file: 'keepalived.conf', line: 2, column: 2 },
        { file: 'keepalived.conf', line: 3, column: 4 },
      ],
    );
  });
});

describe('mistakes in lines', () => {
  const mistakes: readonly (readonly [text: string, mistakes: readonly RegExp[]])[] = [
    ['\n  ~SEQ(N) a', [/^keepalived\.conf:2:3: must be ~SEQ\(name, \[start, \[step,\]\] end\)$/]],
    ['~SEQ(N, 1, 0, 5) a', [/:1:1: the step 0 does not lead from 1 to 5$/]],
    ['~SEQ(N, 1, -1, 5) a', [/:1:1: the step -1 does not lead from 1 to 5$/]],
    ['~SEQ(N, x) a', [/:1:1: must be ~SEQ.* with whole numbers$/]],
    ['~SEQx(N, -1, 5) a', [/:1:1: ~SEQx is for numbers from 0$/]],
    ['~SEQ(N, 1 a', [/:1:1: must be ~SEQ/]],
    ['~LST(A) a', [/:1:1: must be ~LST/]],
    ['~LST({A,B},{1,2,3}) a', [/:1:1: a set of values has more of them than there are names, 2$/]],
    ['$A=$B\n$B=x$A\nb $A', [/:3:3: a definition refers to itself, or becomes too long$/]],
    ['$A= \\\n x \\\n $A\n$A', [/: definitions in definitions go too deep/]],
    ['$A= \\\n $A \\\n $A\n$A', [/go too deep|refers to itself/]],
    [
      '~SEQ(A,1,999999999) x',
      [/:1:21: definitions and sequences make more than 1000000 lines of this file$/],
    ],
  ];
  for (const [text, expected] of mistakes) {
    it(JSON.stringify(text), () => {
      const found = mistakesOf(text);
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
    });
  }
});

describe('included files', () => {
  const files = {
    '/etc/keepalived/conf.d/b.conf': 'b ${_PWD}\n',
    '/etc/keepalived/conf.d/a.conf': 'a $X\n$Y=2\n',
    '/etc/keepalived/sub/one.conf': 'include two.conf\none\n',
    '/etc/keepalived/sub/two.conf': 'two\n',
    '/etc/keepalived/self.conf': 'include self.conf\n',
    '/etc/keepalived/keepalived.conf': '',
  };

  it('come in the order of their names, and share definitions', () => {
    assert.deepEqual(linesOf('$X=1\ninclude conf.d/*.conf\nc $Y', fakeEnvironment(files)), [
      'a 1',
      'b /etc/keepalived/conf.d',
      'c 2',
    ]);
  });

  it('name others from their own directory', () => {
    assert.deepEqual(linesOf('include sub/one.conf\nend', fakeEnvironment(files)), ['two', 'one', 'end']);
    assert.deepEqual(linesOf('include /etc/keepalived/sub/{one,none}.conf', fakeEnvironment(files)), [
      'two',
      'one',
    ]);
  });

  it('have their own lines', () => {
    const [line] = read('\n\ninclude sub/one.conf', fakeEnvironment(files));
    assert.deepEqual(line?.placeAt(0), { file: '/etc/keepalived/sub/two.conf', line: 1, column: 1 });
  });

  it('may be missing for include, which is told', () => {
    const log = new ProblemLog();
    const lines = new ConfigLines(
      'include none.conf\ninclude none/*.conf',
      'keepalived.conf',
      fakeEnvironment(),
      log,
    );
    assert.equal(lines.next(), undefined);
    assert.deepEqual(log.warnings.map(formatProblem), [
      'keepalived.conf:1:9: no file is there as none.conf, from /etc/keepalived; include goes on without it',
    ]);
  });

  const strict: readonly (readonly [text: string, error: RegExp | undefined])[] = [
    ['includer none.conf', undefined],
    ['includem none.conf', /:1:10: no file is there as none\.conf/],
    ['includem none/*.conf', undefined],
    ['includew none/*.conf', /:1:10: no file is there as none\/\*\.conf/],
    ['includeb {none,neither}.conf', /:1:10: no file is there/],
    ['includea none.conf', /:1:10: no file is there/],
    ['include self.conf', /self\.conf:1:9: \/etc\/keepalived\/self\.conf includes itself$/],
    ['include keepalived.conf', /keepalived\.conf:1:9: \/etc\/keepalived\/keepalived\.conf includes itself$/],
  ];
  for (const [text, error] of strict) {
    it(`${text}: ${error === undefined ? 'good' : 'an error'}`, () => {
      const found = mistakesOf(text, fakeEnvironment(files));
      if (error === undefined) assert.deepEqual(found, []);
      else assert.match(found.join('\n'), error);
    });
  }

  it('that cannot be read are an error for includer, and told by include', () => {
    const environment = fakeEnvironment(files, { readFile: () => ({ reason: 'it is executable' }) });
    assert.match(
      mistakesOf('includer sub/two.conf', environment).join(),
      /cannot be read: it is executable$/,
    );
    assert.deepEqual(mistakesOf('include sub/two.conf', environment), []);
  });
});
