import debounce from "lodash/debounce";
import type { DebouncedFunc } from "lodash";
