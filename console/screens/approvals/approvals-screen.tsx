/** Approvals. */
import type { ScreenProps } from '../../shell/screens.ts';
export default function ApprovalsScreen({ place }: ScreenProps) {
  return <h1>{place.screen}</h1>;
}
