/** The report as a file, as the broker writes it: Markdown for a ticket, one page to keep or print, JSON for a program. */
import { useState } from 'react';
import { type Problem, toProblem } from '../../api/problem.ts';
import type { IncidentReport } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { fill } from '../../api/use-answer.ts';
import { TEXT } from '../../text.ts';

const text = TEXT.incidents;

export function ReportExport({ report }: { readonly report: IncidentReport }) {
  const session = useSession();
  const [problem, setProblem] = useState<Problem>();
  const save = (ending: string, blob: Blob): void => {
    const url = URL.createObjectURL(blob);
    const link = document.createElement('a');
    link.href = url;
    link.download = `${report.id}.${ending}`;
    link.click();
    URL.revokeObjectURL(url);
  };
  const saveAs = async (format: 'markdown' | 'html', ending: string): Promise<void> => {
    setProblem(undefined);
    try {
      const response = await session.broker(fill('/api/incidents/{id}/report', { id: report.id, format }));
      save(ending, await response.blob());
    } catch (error) {
      setProblem(toProblem(error));
    }
  };
  const saveJson = (): void =>
    save('json', new Blob([JSON.stringify(report, undefined, 2)], { type: 'application/json' }));
  return (
    <span className="export">
      <span className="quiet">{text.export}</span>
      <button type="button" onClick={() => void saveAs('html', 'html')}>
        {text.page}
      </button>
      <button type="button" onClick={() => void saveAs('markdown', 'md')}>
        {text.markdown}
      </button>
      <button type="button" onClick={saveJson}>
        {text.json}
      </button>
      {problem !== undefined && (
        <span role="alert" className="quiet">
          {problem.message}
        </span>
      )}
    </span>
  );
}
