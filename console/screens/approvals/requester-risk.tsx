/** The risk of who asks, with what it is made of. */
import { useAnswer } from '../../api/use-answer.ts';
import { TEXT } from '../../text.ts';

const text = TEXT.approvals;

export function RequesterRisk({ human }: { readonly human: string }) {
  const { data } = useAnswer('/api/risk');
  if (data === undefined) return null;
  const found = data.people.find((one) => one.human === human);
  if (found === undefined)
    return (
      <p className="quiet">
        {data.people.length === 0 && data.profiles.length === 0 ? text.riskHidden : text.riskNone}
      </p>
    );
  const { score, contributions } = found;
  return (
    <>
      <p>
        <meter min={0} max={100} low={40} high={70} optimum={0} value={score} /> <b>{score}</b>
      </p>
      <ul className="reasons">
        {contributions.map((one) => (
          <li key={JSON.stringify(one)}>
            +{Math.round(one.points)} {one.why}
          </li>
        ))}
      </ul>
    </>
  );
}
