/* New implementation */
const d = 1;
