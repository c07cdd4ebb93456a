// A sheet is recorded: nothing of what was typed stays in this tab.
import { forgetSheets } from "./drafts";

forgetSheets();
