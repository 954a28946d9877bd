/** Tokens that are good on connections of one certificate only (RFC 8705 §3): an option between agents and broker. */
import { createHash } from 'node:crypto';
import { TLSSocket } from 'node:tls';

/** SHA-256 of the certificate in DER, base64url (`x5t#S256`), when the socket is one whose peer's certificate was verified. */
export function certificateOf(socket: unknown): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : createHash('sha256').update(certificate.raw).digest('base64url');
}
