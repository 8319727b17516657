import { debounce } from "lodash-es";
import Add from "@mui/icons-material/Add";
