/** Where the program's pins lie unless somebody names another place. */
export const USUAL_PIN_DIRECTORY = '/sys/fs/bpf/vipr-realserver';

/** Where it is remembered what was changed, unless somebody names another place. */
export const USUAL_STATE_FILE = '/var/lib/vipr/realserver.json';
