/** The certificate authority of a simulated installation and the server certificates it issues (RFC 5280): ECDSA P-256, nothing else. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

/** PEM of a certificate and of its PKCS #8 private key. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

/** How long a certificate is good, from `notBefore`. */
export interface Validity {
  readonly notBefore: Date;
  readonly days: number;
}

cryptoProvider.set(webcrypto);

export async function createCertificateAuthority(
  validity: Validity,
  commonName = 'Wayleave simulation CA',
): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: ALGORITHM,
    ...period(validity),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

/** A server certificate for the addresses, or that of a client there; `commonName` is for people and is not a name that clients verify (RFC 9525 §2). */
export async function issueCertificate(options: {
  readonly ca: CertifiedKey;
  readonly commonName: string;
  readonly ipAddresses: readonly string[];
  /** Names that clients verify; none unless given. */
  readonly dnsNames?: readonly string[];
  readonly validity: Validity;
  /** `server` unless given. */
  readonly role?: 'server' | 'client';
}): Promise<CertifiedKey> {
  const issuer = new X509Certificate(options.ca.cert);
  const [pkcs8] = PemConverter.decode(options.ca.key);
  if (pkcs8 === undefined) throw new TypeError('the key of the authority is not PEM');
  const signingKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [options.commonName] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    ...period(options.validity),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([
        options.role === 'client' ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth,
      ]),
      new SubjectAlternativeNameExtension([
        ...options.ipAddresses.map((value) => ({ type: 'ip' as const, value })),
        ...(options.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { cert: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

const period = ({ notBefore, days }: Validity) => ({
  notBefore,
  notAfter: new Date(notBefore.getTime() + days * DAY_MS),
});

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
