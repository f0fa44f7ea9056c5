// What things weigh on the wire, as far as a page can know. index.html tells the reader the same.

const utf8 = new TextEncoder();

/** @param {string} text */
const size = (text) => utf8.encode(text).length;

/** @param {Record<string, string>} headers */
const headerBytes = (headers) =>
  Object.entries(headers).reduce((sum, [name, value]) => sum + size(`${name}: ${value}\r\n`), 0);

/** Chromium describes itself a second time, where the page is trusted; TypeScript does not know of it. */
const { brands, mobile, platform } =
  /** @type {{ userAgentData?: { brands: { brand: string, version: string }[], mobile: boolean, platform: string } }} */ (
    navigator
  ).userAgentData ?? {};

/** What a browser adds by itself to every request of this page. */
const COMMON = {
  Host: location.host,
  Pragma: "no-cache",
  "Cache-Control": "no-cache",
  "User-Agent": navigator.userAgent,
  "Accept-Encoding": "gzip, deflate, br, zstd",
  "Accept-Language": navigator.languages.map((tag, i) => (i ? `${tag};q=0.${10 - i}` : tag)).join(),
};

/** What it adds to a plain request. */
const PLAIN = {
  ...COMMON,
  Connection: "keep-alive",
  Accept: "*/*",
  Referer: location.href,
  "Sec-Fetch-Site": "same-origin",
  "Sec-Fetch-Mode": "cors",
  "Sec-Fetch-Dest": "empty",
  ...(brands && {
    "sec-ch-ua": brands.map(({ brand, version }) => `"${brand}";v="${version}"`).join(", "),
    "sec-ch-ua-mobile": mobile ? "?1" : "?0",
    "sec-ch-ua-platform": `"${platform}"`,
  }),
};

/** What it adds to a handshake, RFC 6455 §4.1. */
const UPGRADE = {
  ...COMMON,
  Connection: "Upgrade",
  Upgrade: "websocket",
  Origin: location.origin,
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
};

/** @param {string} target @param {Record<string, string>} headers */
const requestHead = (target, headers) =>
  size(`GET ${target} HTTP/1.1\r\n\r\n`) + headerBytes(headers);

/** @param {string} target @param {Record<string, string>} [headers] those the page sets */
export const plainRequest = (target, headers) => requestHead(target, { ...PLAIN, ...headers });

/** @param {string} target */
export const streamRequest = (target) => plainRequest(target, { Accept: "text/event-stream" });

/** @param {string} target */
export const upgradeRequest = (target) => requestHead(target, UPGRADE);

/** @param {Response} response */
export const responseHead = ({ status, statusText, headers }) =>
  size(`HTTP/1.1 ${status} ${statusText}\r\n\r\n`) + headerBytes(Object.fromEntries(headers));

/** The head of a typical event stream. */
export const STREAM_RESPONSE = size(
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\n" +
    "transfer-encoding: chunked\r\n\r\n",
);

/** The head of a typical handshake, RFC 6455 §1.3. */
export const UPGRADE_RESPONSE = size(
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
);

/** One event of a stream. @param {string} id @param {string} data */
export const streamEvent = (id, data) =>
  size(`id: ${id}\ndata: ${data.replaceAll("\n", "\ndata: ")}\n\n`);

/** One unmasked text frame, RFC 6455 §5.2. @param {string} payload */
export function frame(payload) {
  const length = size(payload);
  return length + (length < 126 ? 2 : length < 65_536 ? 4 : 10);
}
