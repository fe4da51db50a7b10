/* What every call does first: reads the text into a module and finds out the chip. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "asm/asm.h"
#include "asm/lexer.h"
#include "ir/build.h"

static const ptl_loc nowhere = {NULL, 0, 0, NULL};

/* ---- diagnostics of MLIR ------------------------------------------------ */

static void append_text(MlirStringRef part, void *user) {
  ptl_strbuf_add(user, part.data, part.length);
}

/* MLIR calls the text that it parses "-"; what it says of lines holds for the user's file. */
static ptl_loc place_of(ptl_session *session, MlirDiagnostic diagnostic) {
  ptl_loc loc = ptl_loc_parts_of(&session->arena, mlirDiagnosticGetLocation(diagnostic)).loc;
  if (!loc.file || strcmp(loc.file, "-") == 0) {
    loc.file = session->file;
  }
  return loc;
}

/* MLIR's print of the op in its generic form, which is not what the user wrote. */
static bool is_dump(const char *note) {
  static const char begin[] = "see current operation: ";
  return strncmp(note, begin, sizeof(begin) - 1) == 0;
}

static MlirLogicalResult on_diagnostic(MlirDiagnostic diagnostic, void *user) {
  ptl_session *session = user;
  ptl_strbuf text;
  ptl_strbuf_init(&text, &session->arena);
  ptl_strbuf_puts(&text, "");
  mlirDiagnosticPrint(diagnostic, append_text, &text);
  if (mlirDiagnosticGetSeverity(diagnostic) == MlirDiagnosticError) {
    ptl_diag_add(&session->diags, PTL_CODE_MLIR_TEXT, place_of(session, diagnostic), "%s",
                 text.data);
  }
  for (intptr_t i = 0; i < mlirDiagnosticGetNumNotes(diagnostic); i++) {
    MlirDiagnostic note = mlirDiagnosticGetNote(diagnostic, i);
    ptl_strbuf_init(&text, &session->arena);
    ptl_strbuf_puts(&text, "");
    mlirDiagnosticPrint(note, append_text, &text);
    if (!is_dump(text.data)) {
      ptl_diag_note(&session->diags, place_of(session, note), "%s", text.data);
    }
  }
  return mlirLogicalResultSuccess();
}

/* ---- the chip ----------------------------------------------------------- */

/* The chip that the user asks for; NULL if none. */
static ptl_status asked_target(ptl_session *session, const ptolower_options *options,
                               const ptl_target **out) {
  *out = NULL;
  if (options->target_json) {
    const char *file = options->target_file ? options->target_file : "<target>";
    ptl_str json = ptl_str_of(options->target_json);
    ptl_diags_add_source(&session->diags, ptl_arena_printf(&session->arena, "%s", file), json);
    return ptl_target_from_json(&session->arena, json, file, &session->diags, out);
  }
  if (options->target) {
    *out = ptl_target_find(options->target);
    if (!*out) {
      ptl_nearest nearest = ptl_target_nearest(options->target);
      ptl_diag_add(&session->diags, PTL_CODE_OPTION_VALUE, nowhere,
                   "no chip is named '%s'; there are %s%s", options->target, ptl_target_names(),
                   ptl_nearest_question(&session->arena, &nearest, "'", "'"));
      return PTL_USAGE;
    }
  }
  return PTL_OK;
}

/* The ptoas that the user names, in the target; without one it stays the strictest of all. */
static ptl_status choose_ptoas(ptl_session *session, const ptolower_options *options) {
  ptl_version version;
  if (!options->ptoas) {
    return PTL_OK;
  }
  if (!ptl_version_parse(options->ptoas, &version)) {
    ptl_diag_add(&session->diags, PTL_CODE_OPTION_VALUE, nowhere,
                 "'%s' is not a version of ptoas; name one as 0.60", options->ptoas);
    return PTL_USAGE;
  }
  session->target = ptl_target_for_ptoas(&session->arena, session->target, version);
  return PTL_OK;
}

/* The chip: what the user asks for, else the module's, else a2a3. They must agree. */
static ptl_status choose_target(ptl_session *session, const ptolower_options *options) {
  const ptl_target *asked;
  ptl_status status = asked_target(session, options, &asked);
  if (status != PTL_OK) {
    return status;
  }
  MlirOperation module = mlirModuleGetOperation(session->module);
  if (ptl_has_attr(module, "pto.target_arch") &&
      !mlirAttributeIsAString(ptl_attr(module, "pto.target_arch"))) {
    ptl_diag_add(&session->diags, PTL_CODE_MODULE_TARGET, ptl_loc_of(session, module),
                 "pto.target_arch is not a string");
    return PTL_REFUSED;
  }
  ptl_str arch = ptl_string_attr(module, "pto.target_arch");
  const char *name = ptl_arena_copy(&session->arena, arch.data, arch.length);
  const ptl_target *own = arch.length > 0 ? ptl_target_of_module(name) : NULL;
  if (asked && arch.length > 0 && !ptl_target_takes_module(asked, name)) {
    ptl_diag_add(&session->diags, PTL_CODE_MODULE_TARGET, ptl_loc_of(session, module),
                 "the module is for '%s', the target asked for is '%s'", name, asked->name);
    return PTL_REFUSED;
  }
  if (!asked && arch.length > 0 && !own) {
    ptl_diag_add(&session->diags, PTL_CODE_MODULE_TARGET, ptl_loc_of(session, module),
                 "the module is for '%s', which is not known; there are %s, or give a table with "
                 "--target=FILE.json",
                 name, ptl_target_module_names());
    return PTL_REFUSED;
  }
  session->target = asked ? asked : own ? own : ptl_target_default();
  if (arch.length == 0) {
    ptl_set_attr(module, "pto.target_arch",
                 ptl_string(session->context, ptl_str_of(ptl_target_module_arch(session->target))));
  }
  return choose_ptoas(session, options);
}

/* ---- the module --------------------------------------------------------- */

/* Each costs another reading of the text. */
enum { MOST_PROBLEMS = 256 };

/* Lines that MLIR's parser could not read, so far. */
typedef struct problems {
  ptl_asm_problem *items;
  size_t count;
  int capacity;
} problems;

static bool mentions_pto(ptl_str source) {
  for (size_t i = 0; i + 4 < source.length; i++) {
    if (memcmp(source.data + i, "pto.", 4) == 0) {
      return true;
    }
  }
  return false;
}

/* MLIR's places are those of the rewritten text; the user's differ by the column. */
static void restore_columns(ptl_session *session, size_t mark, ptl_str source, ptl_str mlir) {
  for (size_t i = mark; i < session->diags.count; i++) {
    ptl_loc *loc = &session->diags.items[i].loc;
    if (loc->line > 0 && loc->file == session->file) {
      loc->column = ptl_asm_user_column(source, mlir, loc->line, loc->column);
    }
  }
}

/* Takes the first error after `mark` as a problem of its line. False if that tells
 * nothing new: then the text itself is wrong. */
static bool add_problem(ptl_session *session, size_t mark, problems *problems) {
  const ptl_diag *error = NULL;
  for (size_t i = session->diags.count; i-- > mark;) {
    if (session->diags.items[i].severity == PTL_ERROR) {
      error = &session->diags.items[i];
    }
  }
  if (!error || error->loc.line <= 0) {
    return false;
  }
  if (problems->count == MOST_PROBLEMS) {
    ptl_diag_note(&session->diags, error->loc,
                  "%d functions before it cannot be read, either; no "
                  "more than that many are passed through",
                  MOST_PROBLEMS);
    return false;
  }
  for (size_t i = 0; i < problems->count; i++) {
    if (problems->items[i].line == error->loc.line) {
      return false;
    }
  }
  problems->items = ptl_arena_more(&session->arena, problems->items, (int)problems->count,
                                   &problems->capacity, sizeof(ptl_asm_problem));
  problems->items[problems->count++] =
      (ptl_asm_problem){error->loc.line, error->loc.column, error->text};
  return true;
}

static bool parse_text(ptl_session *session, ptl_str mlir) {
  const char *early = ptl_asm_find_early_use(&session->arena, mlir);
  if (early) {
    ptl_diag_add(&session->diags, PTL_CODE_MLIR_TEXT, ptl_text_place(mlir, session->file, early),
                 "use of undeclared SSA value name; only an inner block defines it");
    return false;
  }
  session->module =
      mlirModuleCreateParse(session->context, mlirStringRefCreate(mlir.data, mlir.length));
  return !mlirModuleIsNull(session->module);
}

/* Parses the text; a kernel that MLIR cannot read costs only its own function. */
static ptl_status parse_module(ptl_session *session, ptl_str source, ptl_asm_text *text) {
  problems problems = {.count = 0};
  size_t mark = session->diags.count;
  do {
    ptl_diags_truncate(&session->diags, mark);
    ptl_status status = ptl_asm_read_around(&session->arena, source, session->file, problems.items,
                                            problems.count, session->unread, &session->diags, text);
    status = status == PTL_OK && text->has_own_ops ? ptl_load_accs(session) : status;
    if (status != PTL_OK) {
      return status;
    }
    size_t read = session->diags.count;
    if (parse_text(session, text->mlir)) {
      return PTL_OK;
    }
    restore_columns(session, read, source, text->mlir);
  } while (mentions_pto(source) && add_problem(session, mark, &problems));
  if (session->diags.error_count == 0) {
    ptl_loc file = {session->file, 0, 0, NULL};
    ptl_diag_add(&session->diags, PTL_CODE_MLIR_TEXT, file, "the text is not a module of MLIR");
  }
  return PTL_REFUSED;
}

static ptl_status read_module(ptl_session *session, ptl_str source) {
  ptl_asm_text text;
  ptl_diags_add_source(&session->diags, session->file, source);
  ptl_status status = parse_module(session, source, &text);
  if (status != PTL_OK) {
    return status;
  }
  if (text.is_intermediate) {
    session->diags.source_count--; /* its ops have places in another text */
  } else {
    ptl_set_attr(mlirModuleGetOperation(session->module), ptl_attr_source,
                 ptl_string(session->context, source));
  }
  return PTL_OK;
}

static ptl_status open_context(ptolower_result *result) {
  ptl_session *session = &result->session;
  session->context = ptl_context_create();
  if (mlirContextIsNull(session->context)) {
    return ptl_dialect_not_loaded(session);
  }
  result->handler =
      mlirContextAttachDiagnosticHandler(session->context, on_diagnostic, session, NULL);
  return PTL_OK;
}

ptl_status ptl_api_read(ptolower_result *result, ptl_str source) {
  ptl_session *session = &result->session;
  source = source.length > 0 ? source : (ptl_str){"", 0}; /* there may be no text to point to */
  if (source.length > PTL_MOST_TEXT_BYTES) {
    ptl_loc file = {session->file, 0, 0, NULL};
    ptl_diag_add(&session->diags, PTL_CODE_TEXT_TOO_LARGE, file,
                 "the text has %zu bytes; no more than %d are read", source.length,
                 PTL_MOST_TEXT_BYTES);
    return PTL_REFUSED;
  }
  ptl_status status = mlirContextIsNull(session->context) ? open_context(result) : PTL_OK;
  status = status == PTL_OK ? read_module(session, source) : status;
  return status == PTL_OK ? ptl_verify(session, NULL) : status;
}

ptl_status ptl_api_open(ptolower_result *result, const ptolower_options *options, ptl_str source) {
  ptl_status status = ptl_api_read(result, source);
  return status == PTL_OK ? choose_target(&result->session, options) : status;
}

void ptl_api_close(ptolower_result *result) {
  ptl_session *session = &result->session;
  for (size_t i = 0; i < session->emitted_count; i++) {
    if (!mlirModuleIsNull(session->emitted[i].read)) {
      mlirModuleDestroy(session->emitted[i].read);
      session->emitted[i].read = (MlirModule){NULL};
    }
  }
  if (!mlirModuleIsNull(session->module)) {
    mlirModuleDestroy(session->module);
    session->module = (MlirModule){NULL};
  }
  if (!mlirContextIsNull(session->context)) {
    mlirContextDetachDiagnosticHandler(session->context, result->handler);
    mlirContextDestroy(session->context);
    session->context = (MlirContext){NULL};
  }
}

ptolower_result *ptl_api_result(const ptolower_options *options) {
  ptolower_result *result = calloc(1, sizeof(*result));
  if (!result) {
    return NULL;
  }
  ptl_session *session = &result->session;
  ptl_arena_init(&session->arena);
  session->places.arena = &session->arena;
  ptl_diags_init(&session->diags, &session->arena);
  ptl_strbuf_init(&session->output, &session->arena);
  ptl_strbuf_init(&result->ir, &session->arena);
  ptl_strbuf_init(&result->timing, &session->arena);
  ptl_strbuf_init(&result->plan, &session->arena);
  ptl_strbuf_init(&result->report, &session->arena);
  ptl_strbuf_init(&result->flags, &session->arena);
  ptl_strbuf_init(&result->manifest, &session->arena);
  session->unread = PTL_REMARK;
  session->functions =
      options->functions ? ptl_arena_printf(&session->arena, "%s", options->functions) : NULL;
  session->file =
      ptl_arena_printf(&session->arena, "%s", options->file ? options->file : "<stdin>");
  return result;
}
