import _ from "lodash";
export const f = _.debounce(g, 200);
