/** Where the agents' process serves the board of its embedded queue. */
export const BOARD_PATH = '/jobs-board';
