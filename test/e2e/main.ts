/** `npm run e2e [-- tour|troubles]`: the console in a real browser against a really running installation, simulators included, nothing mocked. */
import type { Browser } from 'playwright-core';
import { findChromium, launch } from './browser.ts';
import { startInstallation } from './installation.ts';
import { createTour, type Tour } from './tour.ts';

/** What goes right, and what goes wrong: each on an installation where nothing happened before. */
const PARTS: { readonly [name: string]: (tour: Tour) => Tour['steps'] } = {
  tour: ({ steps }) => steps,
  troubles: ({ troubles }) => troubles,
};

const path = findChromium();
if (path === undefined) {
  console.log('skipped: there is no Chromium here (apt-get install chromium, or WAYLEAVE_CHROMIUM=/path/to/it)');
  process.exit(0);
}
const [wanted] = process.argv.slice(2);
const parts = Object.entries(PARTS).filter(([name]) => wanted === undefined || name === wanted);
if (parts.length === 0) throw new Error(`there is no part ${wanted}: ${Object.keys(PARTS).join(' or ')}`);

const browser = await launch(path);
let [all, failed] = [0, 0];
try {
  for (const [, stepsOf] of parts) await walk(browser, stepsOf);
} finally {
  await browser.close();
}
console.log(failed === 0 ? `${all} steps, all ok` : `${failed} of ${all} steps failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function walk(at: Browser, stepsOf: (tour: Tour) => Tour['steps']): Promise<void> {
  const installation = await startInstallation();
  try {
    const tour = await createTour(at, installation);
    for (const { name, run } of stepsOf(tour)) {
      const begun = performance.now();
      all += 1;
      try {
        await run();
        console.log(`ok    ${name}  ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      } catch (error) {
        failed += 1;
        console.log(`FAILED ${name}\n${error instanceof Error ? error.message : String(error)}`);
        await tour.picture(name);
      }
    }
  } finally {
    await installation.stop();
  }
}
