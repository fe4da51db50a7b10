/* Reads the comments `ptolower: allow PTLnnn because ...` of a file, and marks the findings that
 * they allow. A comment that is wrong, or allows nothing, becomes a warning. */
#include "api/allow.h"

#include <string.h>

#include "asm/lexer.h"

/* ---- comments --------------------------------------------------------------- */

/* The text while it is gone through. */
typedef struct reading {
  ptl_allowances *out;
  ptl_diags *diags;
  int line;
  const char *line_begin;
  bool has_code; /* before this place, on its line */
} reading;

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static ptl_str trimmed(ptl_str text) {
  while (text.length > 0 && is_blank(text.data[0])) {
    text = (ptl_str){text.data + 1, text.length - 1};
  }
  while (text.length > 0 && is_blank(text.data[text.length - 1])) {
    text.length--;
  }
  return text;
}

/* Takes `word` from the begin of the text, and blanks after it. */
static bool take(ptl_str *text, const char *word) {
  size_t length = strlen(word);
  if (!ptl_str_starts_with(*text, word)) {
    return false;
  }
  *text = trimmed((ptl_str){text->data + length, text->length - length});
  return true;
}

/* Takes `PTLnnn` and a comma; 0 if there is none. */
static int take_code(ptl_str *text) {
  int number = 0;
  size_t at = 3;
  if (!ptl_str_starts_with(*text, "PTL")) {
    return 0;
  }
  for (; at < text->length && at < 9 && text->data[at] >= '0' && text->data[at] <= '9'; at++) {
    number = 10 * number + (text->data[at] - '0');
  }
  *text = trimmed((ptl_str){text->data + at, text->length - at});
  (void)take(text, ",");
  return number;
}

bool ptl_can_be_allowed(int number) {
  const ptl_diag_row *row = ptl_code_is_of_check(number) ? ptl_diag_row_of(number) : NULL;
  return row && number != PTL_CODE_FUNCTION_NOT_FOLLOWED && number != PTL_CODE_ALLOWANCE &&
         (row->grade == PTL_GRADE_SHOWN_REMARK || ptl_grade_severity(row->grade) != PTL_REMARK);
}

static void complain(const ptl_allowances *allowances, ptl_diags *diags, int line, int column,
                     const char *text) {
  ptl_loc place = {allowances->file, line, column, NULL};
  ptl_diag_add(diags, PTL_CODE_ALLOWANCE, place, "%s", text);
}

static void add(reading *r, ptl_allowance item) {
  ptl_allowances *out = r->out;
  if (!ptl_can_be_allowed(item.number)) {
    complain(out, r->diags, item.line, item.column,
             ptl_arena_printf(r->diags->arena, "PTL%03d is not a finding that can be allowed",
                              item.number));
    return;
  }
  out->items =
      ptl_arena_more(r->diags->arena, out->items, out->count, &out->capacity, sizeof(*out->items));
  out->items[out->count++] = item;
}

/* Goes over `codes`, which is `PTLnnn, PTLnnn because ...`. */
static void read_codes(reading *r, ptl_str codes, ptl_allowance item) {
  ptl_str rest = codes;
  int count = 0;
  while (take_code(&rest) > 0) {
    count++;
  }
  bool has_reason = take(&rest, "because") && rest.length > 0;
  if (count == 0 || !has_reason) {
    complain(r->out, r->diags, item.line, item.column,
             count == 0 ? "nothing is allowed here; write '// ptolower: allow PTL220 because ...'"
                        : "nothing is allowed here without a reason; write '... because ...'");
    return;
  }
  item.reason = ptl_arena_copy(r->diags->arena, rest.data, rest.length);
  while ((item.number = take_code(&codes)) > 0) {
    add(r, item);
  }
}

static void read_comment(reading *r, const char *begin, const char *end) {
  ptl_str text = trimmed((ptl_str){begin + 2, (size_t)(end - begin) - 2});
  ptl_allowance item = {.line = r->line,
                        .column = (int)(begin - r->line_begin) + 1,
                        .target = r->has_code ? r->line : 0};
  if (take(&text, "ptolower:")) {
    read_codes(r, take(&text, "allow") ? text : (ptl_str){"", 0}, item);
  }
}

/* Comments on lines of their own speak of the next line that has code. */
static void note_code(reading *r) {
  if (!r->has_code) {
    r->has_code = true;
    for (int i = r->out->count - 1; i >= 0 && r->out->items[i].target == 0; i--) {
      r->out->items[i].target = r->line;
    }
  }
}

/* Most texts do not, and need not be gone through. */
static bool mentions(ptl_str text, const char *word) {
  size_t length = strlen(word);
  const char *at = text.data, *end = text.data + text.length;
  for (; at && (size_t)(end - at) >= length; at++) {
    at = memchr(at, word[0], (size_t)(end - at) - length + 1);
    if (!at || memcmp(at, word, length) == 0) {
      break;
    }
  }
  return at && (size_t)(end - at) >= length;
}

ptl_allowances ptl_allowances_of(ptl_str source, const char *file, ptl_diags *diags) {
  ptl_allowances allowances = {.file = file};
  if (!mentions(source, "ptolower:")) {
    return allowances;
  }
  reading r = {.out = &allowances, .diags = diags, .line = 1, .line_begin = source.data};
  const char *end = source.data + source.length;
  for (const char *at = source.data, *next; at < end; at = next) {
    next = ptl_text_step(at, end);
    if (*at == '/' && next > at + 1) {
      read_comment(&r, at, next);
    } else if (*at == '\n') {
      r.line++;
      r.line_begin = next;
      r.has_code = false;
    } else if (!is_blank(*at)) {
      note_code(&r);
    }
  }
  return allowances;
}

/* ---- findings ----------------------------------------------------------------- */

static ptl_allowance *find(ptl_allowances *allowances, const ptl_diag *diag, int function) {
  for (int i = 0; i < allowances->count; i++) {
    ptl_allowance *item = &allowances->items[i];
    if (item->number == (int)diag->code && item->target > 0 &&
        (item->target == diag->loc.line || item->target == function)) {
      return item;
    }
  }
  return NULL;
}

void ptl_allow(ptl_allowances *allowances, ptl_diags *diags, size_t index, const char *reason) {
  ptl_diag *diag = &diags->items[index];
  diags->error_count -= diag->severity == PTL_ERROR;
  diag->severity = PTL_REMARK;
  diag->allowed = reason;
  allowances->finding_count++;
}

void ptl_allow_findings(ptl_allowances *allowances, ptl_diags *diags, size_t first, int function) {
  for (size_t i = first; i < diags->count && allowances->count > 0; i++) {
    const ptl_diag *diag = &diags->items[i];
    ptl_allowance *item = diag->allowed ? NULL : find(allowances, diag, function);
    if (item) {
      ptl_allow(allowances, diags, i, item->reason);
      item->is_used = true;
    }
  }
}

void ptl_allowances_skip(ptl_allowances *allowances, int begin, int end) {
  for (int i = 0; i < allowances->count; i++) {
    ptl_allowance *item = &allowances->items[i];
    item->is_used = item->is_used || (item->target >= begin && item->target < end);
  }
}

void ptl_allowances_finish(const ptl_allowances *allowances, ptl_diags *diags) {
  for (int i = 0; i < allowances->count; i++) {
    const ptl_allowance *item = &allowances->items[i];
    if (!item->is_used) {
      complain(allowances, diags, item->line, item->column,
               ptl_arena_printf(diags->arena,
                                "there is no PTL%03d to be allowed here; remove the comment",
                                item->number));
    }
  }
}
