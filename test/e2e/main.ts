/** `npm run e2e`: the console in a real browser against a really running installation, simulators included, nothing mocked. */
import { findChromium, launch } from './browser.ts';
import { startInstallation } from './installation.ts';
import { createTour } from './tour.ts';

const path = findChromium();
if (path === undefined) {
  console.log('skipped: there is no Chromium here (apt-get install chromium, or WAYLEAVE_CHROMIUM=/path/to/it)');
  process.exit(0);
}

const installation = await startInstallation();
const browser = await launch(path);
let failed = 0;
try {
  const tour = await createTour(browser, installation);
  const steps = process.argv[2] === 'troubles' ? tour.troubles : tour.steps;
  for (const { name, run } of steps) {
    const begun = performance.now();
    try {
      await run();
      console.log(`ok    ${name}  ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}\n${error instanceof Error ? error.message : String(error)}`);
      await tour.picture(name);
    }
  }
  console.log(failed === 0 ? `${steps.length} steps, all ok` : `${failed} of ${steps.length} steps failed`);
} finally {
  await browser.close();
  await installation.stop();
}
process.exitCode = failed === 0 ? 0 : 1;
