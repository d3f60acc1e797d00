import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { overhear } from '../testing/overhear.ts';
import { SmtpTalk } from './smtp-talk.ts';

const ANSWERS = { good: true, detail: 'SMTP answers' };
const bad = (detail: string) => ({ good: false, detail });

describe('SmtpTalk', () => {
  it('greets, and says goodbye', () => {
    assert.deepEqual(overhear(new SmtpTalk('me'), ['220 hi\r\n', '250 you\r\n', '221 bye\r\n'], 'stays'), {
      said: 'EHLO me\r\nQUIT\r\n',
      verdict: ANSWERS,
    });
  });

  it('reads replies of several lines, cut anywhere', () => {
    const replies = '220-one\r\n220-two\n220\r\n250-SIZE 1\r\n250 HELP\r\n221 bye\r\n';
    assert.deepEqual(overhear(new SmtpTalk('me'), [...replies], 'stays').verdict, ANSWERS);
  });

  it('says HELO to a server that does not know EHLO', () => {
    const { said, verdict } = overhear(
      new SmtpTalk('me'),
      ['220 hi\r\n', '502 what?\r\n', '250 you\r\n', '221 bye\r\n'],
      'stays',
    );
    assert.equal(said, 'EHLO me\r\nHELO me\r\nQUIT\r\n');
    assert.deepEqual(verdict, ANSWERS);
  });

  it('takes a server that leaves without goodbye', () => {
    assert.deepEqual(overhear(new SmtpTalk('me'), ['220 hi\r\n', '250 you\r\n']).verdict, ANSWERS);
  });

  const REFUSED: readonly (readonly [string, readonly string[], string])[] = [
    ['a greeting that sends away', ['554 no mail here\r\n'], 'the greeting is "554 no mail here"'],
    ['a server that is full', ['421-x\r\n421 busy\r\n'], 'the greeting is "421 busy"'],
    ['EHLO that is refused', ['220 x\r\n', '550 no\r\n'], 'the reply to EHLO is "550 no"'],
    ['HELO that is refused', ['220 x\r\n', '500 x\r\n', '501 no\r\n'], 'the reply to HELO is "501 no"'],
    ['QUIT that is refused', ['220 x\r\n', '250 x\r\n', '500 no\r\n'], 'the reply to QUIT is "500 no"'],
    ['another protocol', ['SSH-2.0-x\r\n'], 'the greeting is not SMTP: "SSH-2.0-x"'],
    ['codes that change within a reply', ['220-a\r\n221 b\r\n'], 'the greeting is not SMTP: "221 b"'],
    ['a code with a letter', ['220x\r\n'], 'the greeting is not SMTP: "220x"'],
    ['a server that leaves', ['220 x\r\n'], 'the connection was closed before the reply to EHLO'],
    ['a server that says nothing', [], 'the connection was closed before the greeting'],
    ['an endless line', [`220 ${'x'.repeat(5000)}`], 'a line of the reply is longer than 4096 bytes'],
    ['endless lines', ['220-x\r\n'.repeat(20_000)], 'the replies are longer than 65536 bytes'],
  ];
  for (const [title, hears, detail] of REFUSED) {
    it(`refuses ${title}`, () => {
      assert.deepEqual(overhear(new SmtpTalk('me'), hears).verdict, bad(detail));
    });
  }

  it('does not say a name that would be another command', () => {
    const { said, verdict } = overhear(new SmtpTalk('me\r\nVRFY you'), ['220 hi\r\n']);
    assert.deepEqual(
      { said, verdict },
      { said: '', verdict: bad('the name for HELO cannot be sent: "me..VRFY you"') },
    );
  });

  it('has a verdict about any bytes, cut anywhere, when the server leaves', () => {
    const words = fc.constantFrom('220 ', '220-', '250 ', '250-x', '221', '500', '\r\n', '\n', '\r', ' ');
    const piece = fc.oneof(words, fc.string({ unit: 'binary-ascii', maxLength: 10 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
        const { verdict } = overhear(new SmtpTalk('me'), pieces);
        assert.ok(verdict !== undefined);
        assert.match(verdict.detail, /^[^\p{Cc}]{1,300}$/u);
      }),
    );
  });
});
