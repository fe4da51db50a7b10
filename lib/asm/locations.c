/* Locations: what the reader knows of an op, packed into MLIR's location and back.
 *
 *   loc("name"(fused["k.pto":12:5, "model.py":671:13]))
 *
 * The C API can build locations but shows their parts only as printed text. So what was found out
 * of one, or what it was made of, is kept.
 */
#include "asm/asm.h"

#include <limits.h>
#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/Diagnostics.h>
#include <stdlib.h>
#include <string.h>

static void append(MlirStringRef text, void *buf) { ptl_strbuf_add(buf, text.data, text.length); }

static char unhex(char c) { return (char)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10); }

static bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* A quoted string at `*at`, unescaped; NULL, with `*at` where it was, if there is none. */
static char *take_string(ptl_arena *arena, const char **at) {
  const char *p = *at;
  if (*p != '"') {
    return NULL;
  }
  p++;
  char *text = ptl_arena_alloc(arena, strlen(p) + 1);
  size_t length = 0;
  for (; *p && *p != '"'; p++) {
    if (p[0] == '\\' && is_hex(p[1]) && is_hex(p[2])) {
      text[length++] = (char)(unhex(p[1]) * 16 + unhex(p[2]));
      p += 2;
    } else if (p[0] == '\\' && p[1]) {
      p++;
      text[length++] = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p;
    } else {
      text[length++] = *p;
    }
  }
  if (*p != '"') {
    return NULL;
  }
  *at = p + 1;
  return text;
}

/* `"file":line:col` at `*at`. */
static bool take_file_line_col(ptl_arena *arena, const char **at, ptl_loc *out) {
  const char *p = *at;
  char *file = take_string(arena, &p);
  if (!file || *p != ':') {
    return false;
  }
  char *rest = NULL;
  long line = strtol(p + 1, &rest, 10);
  if (*rest != ':') {
    return false;
  }
  long column = strtol(rest + 1, &rest, 10);
  out->column = column <= INT_MAX ? (int)column : 0; /* MLIR has an unsigned number */
  out->line = line <= INT_MAX ? (int)line : 0;
  out->file = file;
  *at = rest;
  return true;
}

/* What follows the first location of `fused[a, b]`, without the bracket; more than
 * one location is again a fused one. */
static const char *rest_of_fused(ptl_arena *arena, const char *at) {
  const char *end = strrchr(at, ']');
  if (strncmp(at, ", ", 2) != 0 || !end) {
    return NULL;
  }
  at += 2;
  char *rest = ptl_arena_copy(arena, at, (size_t)(end - at));
  int depth = 0;
  bool quoted = false;
  for (const char *p = rest; *p; p++) {
    if (*p == '\\' && quoted && p[1]) {
      p++;
    } else if (*p == '"') {
      quoted = !quoted;
    } else if (!quoted && strchr("([<{", *p)) {
      depth++;
    } else if (!quoted && strchr(")]>}", *p)) {
      depth--;
    } else if (!quoted && depth == 0 && *p == ',') {
      return ptl_arena_printf(arena, "fused[%s]", rest);
    }
  }
  return rest;
}

static void take_place(ptl_arena *arena, const char *at, ptl_loc *out) {
  if (strncmp(at, "fused[", 6) == 0) {
    at += 6;
    if (take_file_line_col(arena, &at, out)) {
      out->model = rest_of_fused(arena, at);
    }
    return;
  }
  (void)take_file_line_col(arena, &at, out);
}

ptl_loc_parts ptl_loc_parts_of(ptl_arena *arena, MlirLocation location) {
  ptl_loc_parts parts = {0};
  ptl_strbuf text;
  ptl_strbuf_init(&text, arena);
  mlirLocationPrint(location, append, &text);
  const char *at = text.data ? text.data : "";
  if (strncmp(at, "loc(", 4) != 0) {
    return parts;
  }
  at += 4;
  const char *after = at;
  char *name = take_string(arena, &after);
  if (name && *after != ':') {
    parts.name = name;
    at = *after == '(' ? after + 1 : after;
  }
  take_place(arena, at, &parts.loc);
  return parts;
}

static MlirStringRef ref(const char *text) { return mlirStringRefCreate(text, strlen(text)); }

static void ignore_text(MlirStringRef text, void *user) {
  (void)text;
  (void)user;
}

/* Keeps MLIR from printing why a model location does not parse. */
static MlirLogicalResult ignore_diagnostic(MlirDiagnostic diagnostic, void *user) {
  mlirDiagnosticPrint(diagnostic, ignore_text, user);
  return mlirLogicalResultSuccess();
}

/* A location from its text without `loc(...)`; unknown if it is none. */
static MlirLocation parse_location(MlirContext context, const char *text) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  const char *whole = ptl_arena_printf(&arena, "loc(%s)", text);
  MlirDiagnosticHandlerID id =
      mlirContextAttachDiagnosticHandler(context, ignore_diagnostic, NULL, NULL);
  MlirAttribute attribute = mlirAttributeParseGet(context, ref(whole));
  mlirContextDetachDiagnosticHandler(context, id);
  ptl_arena_free(&arena);
  return mlirAttributeIsNull(attribute) ? mlirLocationUnknownGet(context)
                                        : mlirLocationFromAttribute(attribute);
}

MlirLocation ptl_loc_make(MlirContext context, const char *name, ptl_loc loc) {
  MlirLocation place = mlirLocationUnknownGet(context);
  if (loc.file) {
    place = mlirLocationFileLineColGet(context, ref(loc.file), (unsigned)loc.line,
                                       (unsigned)loc.column);
  }
  if (loc.model) {
    MlirLocation both[] = {place, parse_location(context, loc.model)};
    place = mlirLocationFusedGet(context, 2, both, mlirAttributeGetNull());
  }
  return name ? mlirLocationNameGet(context, ref(name), place) : place;
}

struct ptl_place {
  MlirLocation location;
  MlirLocation bare; /* without its name; null: not asked for yet */
  ptl_loc_parts parts;
};

static uint32_t hash_of(MlirLocation location) {
  return (uint32_t)ptl_hash(0, (uint64_t)(uintptr_t)location.ptr);
}

/* NULL: it is not known. */
static struct ptl_place *find(const ptl_places *places, MlirLocation location) {
  uint32_t hash = hash_of(location);
  uint32_t at = hash;
  int found;
  while ((found = ptl_map_next(&places->map, hash, &at)) >= 0) {
    if (places->items[found].location.ptr == location.ptr) {
      return &places->items[found];
    }
  }
  return NULL;
}

static struct ptl_place *add(ptl_places *places, MlirLocation location, ptl_loc_parts parts) {
  places->items = ptl_arena_more(places->arena, places->items, places->count, &places->capacity,
                                 sizeof(struct ptl_place));
  ptl_map_reserve(&places->map, places->arena, 128);
  ptl_map_add(&places->map, hash_of(location), places->count);
  struct ptl_place *place = &places->items[places->count++];
  *place = (struct ptl_place){.location = location, .parts = parts};
  return place;
}

static struct ptl_place *place_of(ptl_places *places, MlirLocation location) {
  struct ptl_place *place = find(places, location);
  return place ? place : add(places, location, ptl_loc_parts_of(places->arena, location));
}

ptl_loc_parts ptl_places_get(ptl_places *places, MlirLocation location) {
  return place_of(places, location)->parts;
}

MlirLocation ptl_places_rename(ptl_places *places, MlirLocation location, const char *name) {
  MlirContext context = mlirLocationGetContext(location);
  struct ptl_place *place = place_of(places, location);
  if (!place->bare.ptr) {
    place->bare = ptl_loc_make(context, NULL, place->parts.loc);
  }
  ptl_loc_parts parts = {name, place->parts.loc};
  MlirLocation renamed = name ? mlirLocationNameGet(context, ref(name), place->bare) : place->bare;
  if (!find(places, renamed)) {
    add(places, renamed, parts);
  }
  return renamed;
}
