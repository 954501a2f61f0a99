/** The version events name; package.json has it too. */
export const CLIENT_VERSION = '0.1.0';
