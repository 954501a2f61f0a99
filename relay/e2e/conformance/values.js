/** The values that go wrong most easily, by what they stand for. */

export const userIds = ['Matt', 'u1', 'u2', 'user-3', 'user 4', '5', '', ' ', 'ünïcode', '漢字', '😀🏽', '\ud800lone', 'lone\udc00', 'a\u0000b', 'x'.repeat(300)];

export const strings = [
  '', 'us', 'de', 'US', ' us', 'gold', 'golden', 'old', '1', '1.0', '0', 'true', 'null', 'ünï', '漢', '😀', '\ud83d', '\ude00', '\u0000', 'a"b\\c\n', '\u2028',
];

export const numbers = [
  0, -0, 1, -1, 1.5, 18, 18.000000000000004, 65, 1e-7, 5e-324, 1e21, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), -(2 ** 53) - 2, 1.7976931348623157e308,
];

/** What JSON cannot hold. */
export const unwritable = [NaN, Infinity, -Infinity];

export const versions = [
  '2', '2.1', '2.1.0', '2.1.9', '2.2', '2.1.0-beta', '2.1.0-beta.1', '2.1.0-rc', '2.1.0+build', '2.1.0+build-1', '2.1.0-beta+7', '10.0', '02.1', '2.1.0-',
  '2.1.0+', '', '2.', '.2', '2..1', 'v2', '2.1.0.0', '2.1.0 ', ' 2.1', '2.1.x', '-', '+', '1-', '99999999999999999999', '2.1.0-\ud83d', '2.1.0-😀', '2.1.0-é',
];

export const things = [null, {}, { a: 1 }, [], ['us'], [1]];

/** Arguments of a type that no call expects. */
export const wrongs = [undefined, null, 0, 1, -0, NaN, Infinity, true, false, '', 'undefined', [], ['flag_a'], {}, { a: undefined }, () => 'called'];

/** Texts of variables, those that belong to their type first. @type {Record<string, string[]>} */
export const texts = {
  boolean: ['true', 'false', 'TRUE', 'True', '1', '0', '', ' true', 'yes', 'null'],
  integer: ['5', '-3', '0', '+7', ' 12', '5.9', '5abc', '0x10', '1e3', 'abc', '', '-', '9007199254740993', 'Infinity', 'NaN', '-0', '\u00a04', '١'],
  double: ['1.5', '-2.25', '.5', '5.', '1e3', '1e400', '-1e-400', '-0', 'Infinity', '-Infinity', '+Infinity', 'infinity', 'NaN', '1.5abc', '1e', '1_000', '', ' \n3', '0x1F'],
  string: ['', 'text', 'ünï', '😀', '\ud800', 'null', '5'],
  json: ['{}', '{"a":[1,null,{"b":"ü"}]}', '[1,2]', '5', 'null', 'true', '"s"', '1e400', '-0', '{"b":1,"a":2,"1":3}', '{bad', '', ' {} ', '\u00a0{}', '{"a":1,"a":2}', '"\\ud800"'],
};

/** @type {Record<string, any>[]} */
export const tags = [
  {}, { revenue: 4200, value: 12.5, category: 'x' }, { revenue: '12abc' }, { revenue: '0x1F' }, { revenue: '1e3' }, { revenue: 13.9 }, { revenue: -13.9 }, { revenue: true },
  { revenue: null }, { revenue: undefined }, { revenue: 'none' }, { revenue: NaN }, { revenue: Infinity }, { revenue: [7] }, { revenue: {} }, { revenue: '' }, { revenue: -0.5 },
  { revenue: 1e21 }, { revenue: '99999999999999999999' }, { value: '3.5x' }, { value: 'x' }, { value: '' }, { value: true }, { value: [4] }, { value: ['4'] }, { value: [1, 2] },
  { value: {} }, { value: null }, { value: NaN }, { value: -Infinity }, { value: '-Infinity' }, { value: -0 }, { value: 1e-7 }, { value: false, revenue: false },
  { a: null, b: undefined, c: 0 }, { nested: { p: [1, { q: undefined }], r: NaN } }, { 'quoted "key"\n': '😀' }, { 5: 'five', b: 1, 1: 'one' }, { $opt_event_properties: { a: 1, b: null } },
  { big: 1e21, bigger: 123456789012345680000, small: 5e-324, short: 1e-7, third: 1 / 3, whole: 100, zero: -0, most: 2 ** 53 },
  { revenue: '  7.9 ', value: ' 1e3 ' }, { revenue: '-0', value: '-0' }, { revenue: '1e999', value: '1e999' }, { revenue: 2 ** 53 + 2, value: 2 ** 53 + 2 },
  { date: new Date(0) }, { call: () => 1 }, { '\ud800': '\udc00' },
];

export const decideOptions = [
  'INCLUDE_REASONS', 'DISABLE_DECISION_EVENT', 'ENABLED_FLAGS_ONLY', 'IGNORE_USER_PROFILE_SERVICE', 'EXCLUDE_VARIABLES', 'IGNORE_CMAB_CACHE', 'RESET_CMAB_CACHE', 'INVALIDATE_USER_CMAB_CACHE',
];
