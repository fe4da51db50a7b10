/* Texts that say what a generated tensor is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/simulation.h"

static bool parse_kind(ptl_str name, ptl_fill_kind *out) {
  static const struct {
    const char *name;
    ptl_fill_kind kind;
  } kinds[] = {{"zeros", PTL_FILL_ZEROS},     {"ones", PTL_FILL_ONES},
               {"iota", PTL_FILL_IOTA},       {"random", PTL_FILL_RANDOM},
               {"extreme", PTL_FILL_EXTREME}, {"small", PTL_FILL_SMALL}};
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    if (ptl_str_is(name, kinds[i].name)) {
      *out = kinds[i].kind;
      return true;
    }
  }
  return false;
}

/* `16x5120xi8`; an empty text is no shape. */
static const char *parse_shape(ptl_arena *arena, ptl_str text, ptl_elem elem, ptl_simulated *out) {
  const char *at = text.data, *end = text.data + text.length;
  while (at < end && *at >= '0' && *at <= '9') {
    char *behind;
    long long extent = strtoll(at, &behind, 10);
    if (out->rank == PTL_SIM_MAX_SHAPE || extent < 1 || extent > INT64_C(1) << 32) {
      return "a shape has at most 8 positive extents";
    }
    out->shape[out->rank++] = extent;
    at = behind < end && *behind == 'x' ? behind + 1 : behind;
    if (behind >= end || *behind != 'x') {
      return "a shape ends in an element type, as 16x512xi8";
    }
  }
  ptl_str name = {at, (size_t)(end - at)};
  if (ptl_elem_find(name) != elem) {
    return ptl_arena_printf(arena, "the kernel has %s there, not '%.*s'", ptl_elem_name(elem),
                            (int)name.length, name.data);
  }
  return out->rank > 0 ? NULL : "there is no shape before the element type";
}

const char *ptl_parse_fill(ptl_arena *arena, const char *text, ptl_elem elem, ptl_sim_fill *fill,
                           ptl_simulated *out) {
  size_t kind = strcspn(text, ":,");
  if (!parse_kind((ptl_str){text, kind}, &fill->kind)) {
    return "a tensor is random, extreme, small, iota, ones or zeros";
  }
  const char *at = text + kind;
  if (*at == ':') {
    size_t length = strcspn(at + 1, ",");
    const char *problem = parse_shape(arena, (ptl_str){at + 1, length}, elem, out);
    if (problem) {
      return problem;
    }
    at += 1 + length;
  }
  if (strncmp(at, ",seed=", 6) == 0 && at[6] >= '0' && at[6] <= '9') {
    char *behind;
    errno = 0;
    fill->seed = strtoull(at + 6, &behind, 10);
    at = errno ? at : behind;
  }
  return *at ? "behind the shape stands ',seed=N' or nothing" : NULL;
}
