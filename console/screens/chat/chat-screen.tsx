/** Chat. */
import type { ScreenProps } from '../../shell/screens.ts';
export default function ChatScreen({ place }: ScreenProps) {
  return <h1>{place.screen}</h1>;
}
