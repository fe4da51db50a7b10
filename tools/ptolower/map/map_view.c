/* Reads a report into panels and boxes, and decides where each is drawn. */
#include "map/map_view.h"

#include <stdlib.h>
#include <string.h>

double map_number(const cJSON *object, const char *name) {
  const cJSON *member = cJSON_GetObjectItem(object, name);
  return cJSON_IsNumber(member) ? cJSON_GetNumberValue(member) : 0;
}

const char *map_string(const cJSON *object, const char *name) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
  return text ? text : "";
}

static double larger(double a, double b) { return a > b ? a : b; }
static double smaller(double a, double b) { return a < b ? a : b; }

/* ---- what is shown -------------------------------------------------------- */

/* The items of an array member; NULL if there are none, or memory is out (`*ok`). */
static const cJSON **items_of(const cJSON *object, const char *name, int *count, bool *ok) {
  const cJSON *array = cJSON_GetObjectItem(object, name), *item;
  *count = 0;
  const cJSON **items = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof(*items));
  if (!items) {
    *ok = false;
    return NULL;
  }
  cJSON_ArrayForEach(item, array) { items[(*count)++] = item; }
  return items;
}

static int panel_of(const map_view *view, const char *space) {
  for (int i = 0; i < view->panel_count; i++) {
    if (strcmp(view->panels[i].space, space) == 0) {
      return i;
    }
  }
  return -1;
}

static void add_panels(map_view *view) {
  const cJSON *space;
  cJSON_ArrayForEach(space, cJSON_GetObjectItem(view->function, "spaces")) {
    if (view->panel_count < MAP_MAX_PANELS) {
      map_panel *panel = &view->panels[view->panel_count++];
      panel->space = map_string(space, "space");
      panel->capacity = map_number(space, "capacity_bytes");
      panel->peak = map_number(space, "peak_bytes");
      panel->usage = space;
    }
  }
}

static map_mark mark_of(const cJSON *object) {
  const char *clash = map_string(object, "clash");
  return strcmp(clash, "error") == 0 ? MAP_ERROR : *clash ? MAP_WARNING : MAP_PLAIN;
}

static void add_box(map_view *view, map_box box, const char *space, double begin, double bytes) {
  box.panel = panel_of(view, space);
  box.begin = begin;
  box.end = begin + bytes;
  if (box.panel >= 0) {
    view->boxes[view->box_count++] = box;
  }
}

static void add_life(map_view *view, const cJSON *life) {
  const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(life, "tiles"), 0);
  int index = first ? first->valueint : -1;
  if (index >= 0 && index < view->tile_count) {
    const cJSON *tile = view->tiles[index];
    map_box box = {.first = (int)map_number(life, "first"),
                   .last = (int)map_number(life, "last"),
                   .mark = mark_of(life),
                   .tile = tile,
                   .life = life};
    add_box(view, box, map_string(tile, "space"), map_number(tile, "address"),
            map_number(life, "bytes"));
  }
}

static bool add_boxes(map_view *view) {
  const cJSON *lives = cJSON_GetObjectItem(view->function, "lives");
  const cJSON *reserved = cJSON_GetObjectItem(view->function, "reserved"), *item;
  size_t count = (size_t)cJSON_GetArraySize(lives) + (size_t)cJSON_GetArraySize(reserved);
  view->boxes = calloc(count + 1, sizeof(*view->boxes));
  if (!view->boxes) {
    return false;
  }
  cJSON_ArrayForEach(item, reserved) {
    map_box box = {.last = view->step_count - 1, .mark = MAP_RESERVED, .tile = item};
    add_box(view, box, map_string(item, "space"), map_number(item, "address"),
            map_number(item, "bytes"));
  }
  cJSON_ArrayForEach(item, lives) { add_life(view, item); }
  return true;
}

/* ---- where it is shown ---------------------------------------------------- */

static bool meet_in_time(const map_box *a, const map_box *b) {
  return a->panel == b->panel && a->first <= b->last && b->first <= a->last;
}

/* Without addresses: each life lies as low as those before it allow. */
static void place_first_fit(map_view *view, int index) {
  map_box *box = &view->boxes[index];
  double bytes = box->end - box->begin, at = 0;
  for (bool moved = true; moved;) {
    moved = false;
    for (int i = 0; i < index; i++) {
      const map_box *other = &view->boxes[i];
      if (meet_in_time(box, other) && at < other->end && other->begin < at + bytes) {
        at = other->end;
        moved = true;
      }
    }
  }
  box->begin = at;
  box->end = at + bytes;
}

/* Clashing lives of one address would hide each other. */
static void inset(map_view *view, int index) {
  map_box *box = &view->boxes[index];
  unsigned taken = 0;
  for (int i = 0; i < index && box->mark == MAP_ERROR; i++) {
    const map_box *other = &view->boxes[i];
    if (other->mark == MAP_ERROR && meet_in_time(box, other) && other->begin == box->begin) {
      taken |= 1u << other->inset;
    }
  }
  while (box->inset < 4 && taken & 1u << box->inset) {
    box->inset++;
  }
}

/* A panel shows what lies outside of the buffer, too, but not all of it if it is far away. */
static void widen_panel(map_panel *panel, const map_box *box) {
  panel->low = larger(smaller(panel->low, box->begin), -panel->capacity / 4);
  panel->high = smaller(larger(panel->high, box->end), panel->capacity * 1.5);
}

/* The end of what is shown: the buffer's, or a little more than what is used of it. */
static void end_panel(const map_view *view, map_panel *panel) {
  double used = panel->high;
  double step = panel->capacity >= 65536 ? 2048 : panel->capacity / 16;
  if (panel->high < panel->capacity) {
    panel->high = panel->capacity;
  }
  if (view->is_trimmed && used < panel->capacity * 0.9) {
    for (panel->high = step; panel->high < used + step / 2; panel->high += step) {
    }
  }
}

double map_view_share(const map_view *view) {
  double used = 0, capacity = 0;
  for (int i = 0; i < view->panel_count; i++) {
    used += view->panels[i].peak;
    capacity += view->panels[i].capacity;
  }
  return capacity > 0 ? used / capacity : 0;
}

enum { CONTENT_WIDTH = 1080, PANEL_GAP = 34, PANEL_MIN = 64, GUTTER = 190 };

static void place_panels(map_view *view) {
  double bytes = 0, at = GUTTER;
  for (int i = 0; i < view->panel_count; i++) {
    bytes += view->panels[i].high - view->panels[i].low;
  }
  view->scale = bytes > 0 ? (CONTENT_WIDTH - PANEL_GAP * (view->panel_count - 1)) / bytes : 1;
  for (int i = 0; i < view->panel_count; i++) {
    map_panel *panel = &view->panels[i];
    panel->left = at;
    panel->right = at + (panel->high - panel->low) * view->scale;
    at = larger(panel->right, at + PANEL_MIN) + PANEL_GAP;
  }
  view->gutter = GUTTER;
  view->width = at;
}

static double row_height(int steps) {
  return steps <= 40 ? 18 : steps <= 80 ? 14 : steps <= 160 ? 10 : steps <= 400 ? 6 : 4;
}

bool map_view_create(const cJSON *function, bool is_trimmed, map_view *out) {
  bool ok = true;
  *out = (map_view){.function = function, .is_trimmed = is_trimmed};
  out->is_planned = map_number(function, "level") == 3;
  out->tiles = items_of(function, "tiles", &out->tile_count, &ok);
  out->steps = items_of(function, "steps", &out->step_count, &ok);
  add_panels(out);
  if (!ok || !add_boxes(out)) {
    return false;
  }
  for (int i = 0; i < out->box_count; i++) {
    if (!out->is_planned && out->boxes[i].life) {
      place_first_fit(out, i);
    }
    inset(out, i);
    widen_panel(&out->panels[out->boxes[i].panel], &out->boxes[i]);
  }
  for (int i = 0; i < out->panel_count; i++) {
    end_panel(out, &out->panels[i]);
  }
  place_panels(out);
  out->row = row_height(out->step_count);
  out->height = out->row * out->step_count;
  return true;
}

void map_view_free(map_view *view) {
  free(view->boxes);
  free(view->tiles);
  free(view->steps);
  *view = (map_view){0};
}

double map_x(const map_view *view, const map_box *box, double byte) {
  const map_panel *panel = &view->panels[box->panel];
  double shown = smaller(larger(byte, panel->low), panel->high);
  return panel->left + (shown - panel->low) * view->scale;
}

double map_y(const map_view *view, int step) { return view->row * step; }
