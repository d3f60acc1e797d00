import { parseHostPort } from '../model/parse-host-port.ts';
import { command } from './command-schema.ts';
import { LOG_FORMATS } from './config.ts';
import { field } from './field-doc.ts';
import { LOG_LEVELS } from './log-level.ts';
import { choice, line, mapping, sequence, string } from './schema-part.ts';

/** The sections of vipr.yaml about the director itself. */

export const apiTls = mapping({
  certificate: field(
    line('the name of a PEM file'),
    'a PEM file with the certificate and those of its issuers',
    'certificate: /etc/vipr/tls.crt',
  ),
  key: field(line('the name of a PEM file'), 'a PEM file with its key', 'key: /etc/vipr/tls.key'),
});

export const api = mapping({
  listen: field(
    string('an address of this host and a port, such as 127.0.0.1:8080', (value) => {
      const endpoint = parseHostPort(value);
      return endpoint?.port === 0 ? undefined : endpoint;
    }),
    'an address of this host and a port',
    'listen: 127.0.0.1:8080',
  ),
  'token-file': field(
    line('the name of a file').optional(),
    'a file whose first line is the token that requests have to bring; required unless `listen` is a loopback address',
    'token-file: /etc/vipr/token',
  ),
  tls: field(
    apiTls.optional(),
    'a mapping, for HTTPS, see [tls of the API](#tls-of-the-api)',
    'tls: { certificate: /etc/vipr/tls.crt, key: /etc/vipr/tls.key }',
  ),
});

export const logging = mapping({
  level: field(
    choice(LOG_LEVELS).optional(),
    '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`: the least of what is logged. `vipr up --log-level` goes before it',
    'level: warn',
    'info',
  ),
  format: field(
    choice(LOG_FORMATS).optional(),
    '`text` or `json`: lines for people or for programs',
    'format: json',
    'text',
  ),
});

export const notifyFifo = mapping({
  path: field(
    line('the name of a named pipe'),
    'the pipe, made where it is missing',
    'path: /run/vipr/events',
  ),
  reader: field(
    command.optional(),
    'a [command](#commands) that is started with the path as its last argument, and ended with the director',
    'reader: /usr/local/bin/tell',
  ),
});

export const notify = mapping({
  fifos: field(
    sequence(notifyFifo),
    'a list of named pipes that get a line for each change of health, in order, see [fifos](#fifos)',
    'fifos: [{ path: /run/vipr/events }]',
  ),
});
