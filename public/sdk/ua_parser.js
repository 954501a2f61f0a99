/**
 * The official SDK's `/ua_parser`, an option of createOdpManager. ODP is not asked for anything here, so nothing is parsed either.
 * @returns {{parseUserAgentInfo(): {os: object, device: object}}}
 */
export function getUserAgentParser() {
  return { parseUserAgentInfo: () => ({ os: {}, device: {} }) };
}
