/** Recognises questions that are not in English, so that they get a clear answer instead of a guess. */

interface Language {
  readonly words: ReadonlySet<string>;
  /** The answer, in that language. */
  readonly sorry: string;
}

const language = (words: string, sorry: string): Language => ({ words: new Set(words.split('|')), sorry });

/** Words that are common in the language and are no English ones. */
const LANGUAGES: readonly Language[] = [
  language(
    'seit|uhr|mal|doch|wieder|noch|kann|keiner|können|zu|bei|warum|wieso|wie|ist|sind|der|das|nicht|kein|keine|und|oder|filiale|netz|netzwerk|geht|kaputt|langsam|bitte|alles|wer|hat|gibt|ich|zwei|standort|von|mit|für|auf',
    'Ich verstehe bisher nur Englisch.',
  ),
  language(
    'pourquoi|comment|plus|cette|nous|vous|dans|panne|lente|très|est|sont|le|les|pas|ne|une|et|ou|succursale|réseau|lent|marche|la|du|des|qui|quoi|que|avec|sur|il|elle|bonjour',
    "Je ne comprends que l'anglais pour le moment.",
  ),
  language(
    'mi|tiene|tengo|por|qué|que|porqué|cómo|está|estan|están|el|los|las|la|sucursal|red|lenta|lento|funciona|y|con|una|quién|hay|pasa|hola|del',
    'Por ahora solo entiendo inglés.',
  ),
  language(
    'perché|perche|come|sono|il|gli|non|rete|filiale|lenta|lento|funziona|che|della|chi|ciao|di|è',
    "Per ora capisco solo l'inglese.",
  ),
  language(
    'caiu|caíram|do|no|na|não|funcionando|rede|porque|como|está|não|rede|filial|lenta|lento|funciona|uma|quem|o|os|da|do|olá|com|são',
    'Por enquanto só entendo inglês.',
  ),
  language(
    'verbinding|weg|doet|kan|wel|werken|ligt|eruit|waarom|hoe|het|een|niet|netwerk|vestiging|traag|werkt|wie|zijn|de|gaat|geen|met|voor',
    'Ik versta voorlopig alleen Engels.',
  ),
  language(
    'varför|hur|är|inte|det|och|fungerar|nätverket|kontoret|långsam|långsamt|hvorfor|ikke|virker|netværket|kontoret|og|på|av|med|till|fra',
    'Jag förstår tills vidare bara engelska.',
  ),
  language('miért|nem|működik|hálózat|lassú|mi|van|és|hogy|ez|az|iroda|hiba|kérem', 'Egyelőre csak angolul értek.'),
  language(
    'neden|niçin|ağ|yavaş|çalışmıyor|şube|var|yok|nasıl|bağlantı|ne|ve|bu|bir|için|lütfen',
    'Şimdilik yalnızca İngilizce anlıyorum.',
  ),
  language('proč|není|síť|pobočka|pomalá|nefunguje|jak|je|se|jsou|prosím|kdo|co', 'Zatím rozumím jen anglicky.'),
  language('de|ce|nu|merge|rețeaua|reteaua|sucursala|este|lent|cine|și|la|din', 'Deocamdată înțeleg doar engleza.'),
  language(
    'dlaczego|jak|jest|nie|działa|sieć|oddział|wolno|czy|kto|są|się|na',
    'Na razie rozumiem tylko po angielsku.',
  ),
];

/** How many foreign words decide; fewer than English ones never do. */
const ENOUGH = 2;

/** The apology in the language of the question; undefined when it may be English. `isEnglish` knows the words of the lexicon. */
export function findForeign(text: string, isEnglish: (word: string) => boolean): string | undefined {
  const letters = text.match(/\p{L}/gu) ?? [];
  const others = letters.filter((letter) => !/\p{Script=Latin}/u.test(letter));
  const english = 'I understand questions in English only.';
  if (others.length * 3 > letters.length) return english;
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  let best: { readonly count: number; readonly own: number; readonly sorry: string } = { count: 0, own: 0, sorry: '' };
  for (const { words: known, sorry } of LANGUAGES) {
    const count = words.filter((word) => known.has(word)).length;
    // A word of both languages speaks for neither when others speak for this one.
    const own = words.filter((word) => !known.has(word) && isEnglish(word)).length;
    if (count > best.count) best = { count, own, sorry };
  }
  return best.count >= ENOUGH && best.count > best.own ? `${best.sorry} ${english}` : undefined;
}
