/* Draws the panels of a memory map: scales, boxes, loops, clashes. */
#include "map/map_svg.h"

#include <string.h>

#include "common/markup.h"

/* ---- scales --------------------------------------------------------------- */

enum { SCALE_HEIGHT = 46, TICK_SPACE = 58 };

static void print_bytes(FILE *out, double bytes) {
  if (bytes != 0 && (long long)bytes % 1024 == 0) {
    fprintf(out, "%.0f KiB", bytes / 1024);
  } else {
    fprintf(out, "%.0f", bytes);
  }
}

/* Bytes between two ticks: a power of two that leaves room for their texts. */
static double tick_bytes(const map_view *view) {
  double bytes = 32;
  while (bytes * view->scale < TICK_SPACE) {
    bytes *= 2;
  }
  return bytes;
}

static double x_of(const map_view *view, const map_panel *panel, double byte) {
  return panel->left + (byte - panel->low) * view->scale;
}

static bool is_torn(const map_panel *panel) { return panel->high < panel->capacity; }

static void draw_tick(FILE *out, double x, double byte, const char *anchor) {
  fprintf(out,
          "<line class=\"tick\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
          "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">",
          x, x, SCALE_HEIGHT - 6, SCALE_HEIGHT, x, SCALE_HEIGHT - 10, anchor);
  print_bytes(out, byte);
  fputs("</text>\n", out);
}

static void draw_ticks(FILE *out, const map_view *view, const map_panel *panel) {
  double step = tick_bytes(view);
  double end = is_torn(panel) ? panel->high : panel->capacity;
  double room = x_of(view, panel, end) - x_of(view, panel, 0);
  if (room >= TICK_SPACE) {
    draw_tick(out, x_of(view, panel, 0), 0, "start");
  }
  for (double byte = step; (end - byte) * view->scale >= TICK_SPACE; byte += step) {
    draw_tick(out, x_of(view, panel, byte), byte, "middle");
  }
  draw_tick(out, x_of(view, panel, end), end, "end");
}

void map_draw_scales(FILE *out, const map_view *view) {
  fprintf(out, "<svg class=\"scales\" width=\"%.0f\" height=\"%d\">\n", view->width, SCALE_HEIGHT);
  fprintf(out, "<text class=\"tick\" x=\"34\" y=\"%d\" text-anchor=\"end\">line</text>\n",
          SCALE_HEIGHT - 10);
  for (int i = 0; i < view->panel_count; i++) {
    const map_panel *panel = &view->panels[i];
    fprintf(out, "<text class=\"space\" x=\"%.1f\" y=\"14\">%s <tspan class=\"%s\">%.1f%%",
            panel->left, panel->space, panel->peak > panel->capacity ? "over" : "share",
            map_number(panel->usage, "percent"));
    if (panel->right - panel->left > 120) {
      fputs(" of ", out);
      print_bytes(out, panel->capacity);
    }
    fprintf(out, "</tspan><title>%.0f of %.0f bytes</title></text>\n", panel->peak,
            panel->capacity);
    draw_ticks(out, view, panel);
  }
  fputs("</svg>\n", out);
}

/* ---- panels and program order ---------------------------------------------- */

static void draw_panel(FILE *out, const map_view *view, const map_panel *panel) {
  double end = x_of(view, panel, is_torn(panel) ? panel->high : panel->capacity);
  double begin = x_of(view, panel, 0);
  fprintf(out, "<rect class=\"panel\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%.0f\"/>\n", begin,
          end - begin, view->height);
  if (panel->right > end) {
    fprintf(out, "<rect class=\"beyond\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%.0f\"/>\n",
            end, panel->right - end, view->height);
  }
  if (begin > panel->left) {
    fprintf(out, "<rect class=\"beyond\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%.0f\"/>\n",
            panel->left, begin - panel->left, view->height);
  }
  double step = tick_bytes(view);
  for (double byte = step; byte < panel->capacity && byte < panel->high; byte += step) {
    double x = x_of(view, panel, byte);
    fprintf(out, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"%.0f\"/>\n", x, x,
            view->height);
  }
}

static void draw_capacity(FILE *out, const map_view *view, const map_panel *panel) {
  double x = x_of(view, panel, is_torn(panel) ? panel->high : panel->capacity);
  fprintf(out,
          "<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"%.0f\">"
          "<title>%s ends %s: %.0f bytes</title></line>\n",
          is_torn(panel) ? "torn" : "capacity", x, x, view->height, panel->space,
          is_torn(panel) ? "farther on" : "here", panel->capacity);
}

/* Without its dialect. */
static const char *short_name(const char *op) { return strncmp(op, "pto.", 4) == 0 ? op + 4 : op; }

static void draw_steps(FILE *out, const map_view *view) {
  int every = 1;
  while (view->row * every < 10) {
    every++;
  }
  for (int i = 0; i < view->step_count; i += every) {
    double y = map_y(view, i) + view->row * every / 2 + 3;
    fprintf(out,
            "<text class=\"line\" x=\"34\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>"
            "<text class=\"op\" x=\"%.0f\" y=\"%.1f\">",
            y, map_number(view->steps[i], "line"), 46 + 8 * map_number(view->steps[i], "depth"), y);
    markup_print(out, short_name(map_string(view->steps[i], "op")));
    fputs("</text>\n", out);
  }
}

static void draw_loops(FILE *out, const map_view *view) {
  const cJSON *loop;
  cJSON_ArrayForEach(loop, cJSON_GetObjectItem(view->function, "loops")) {
    double top = map_y(view, (int)map_number(loop, "first"));
    double bottom = map_y(view, (int)map_number(loop, "last") + 1);
    double x = 43 + 8 * map_number(loop, "depth");
    fprintf(out,
            "<g class=\"loop\"><title>scf.for, line %.0f</title>"
            "<path d=\"M%.1f %.1fh-3v%.1fh3\"/>"
            "<path class=\"edge\" d=\"M%.0f %.1fH%.0fM%.0f %.1fH%.0f\"/></g>\n",
            map_number(loop, "line"), x + 3, top + 1, bottom - top - 2, view->gutter - 8, top,
            view->width - 34, view->gutter - 8, bottom, view->width - 34);
  }
}

/* ---- tiles ---------------------------------------------------------------- */

static void print_op_at(FILE *out, const map_view *view, const char *what, int step) {
  const cJSON *op = view->steps[step];
  fprintf(out, "\n%s: %s, line %.0f", what, short_name(map_string(op, "op")),
          map_number(op, "line"));
}

static void print_other_names(FILE *out, const map_view *view, const cJSON *life) {
  const cJSON *tiles = cJSON_GetObjectItem(life, "tiles"), *tile;
  cJSON_ArrayForEach(tile, tiles) {
    if (tile->prev && tile != tiles->child) {
      fputs("\nalso ", out);
      markup_print(out, map_string(view->tiles[tile->valueint], "name"));
      fprintf(out, ", line %.0f", map_number(view->tiles[tile->valueint], "line"));
    }
  }
}

/* What is shown when the pointer rests on a box. */
static void draw_title(FILE *out, const map_view *view, const map_box *box) {
  const cJSON *tile = box->tile;
  fputs("<title>", out);
  markup_print(out, map_string(tile, "name"));
  if (box->life) {
    fprintf(out, "  %.0fx%.0f %s", map_number(tile, "rows"), map_number(tile, "cols"),
            map_string(tile, "elem"));
  } else {
    fputs(cJSON_IsTrue(cJSON_GetObjectItem(tile, "imported")) ? "  reserved by the other function"
                                                              : "  reserved",
          out);
  }
  fprintf(out, "\n%.0f bytes", box->end - box->begin);
  if (view->is_planned || !box->life) {
    fprintf(out, ": %s %.0f to %.0f", map_string(tile, "space"), box->begin, box->end);
  }
  fprintf(out, "\nline %.0f", map_number(tile, "line"));
  if (*map_string(tile, "model")) {
    fputs(", ", out);
    markup_print(out, map_string(tile, "model"));
  }
  if (box->life) {
    print_other_names(out, view, box->life);
    print_op_at(out, view, "from", box->first);
    print_op_at(out, view, "to", box->last);
  }
  fputs("</title>", out);
}

typedef struct rectangle {
  double x, y, width, height;
} rectangle;

static rectangle rectangle_of(const map_view *view, const map_box *box) {
  double x = map_x(view, box, box->begin), end = map_x(view, box, box->end);
  double y = map_y(view, box->first), bottom = map_y(view, box->last + 1);
  double shift = 3 * box->inset;
  rectangle r = {x + shift, y + 0.5, end - x - shift, bottom - y - 1};
  r.width = r.width < 2 ? 2 : r.width;
  return r;
}

static const char *class_of(const map_box *box) {
  static const char *const names[] = {[MAP_PLAIN] = "",
                                      [MAP_RESERVED] = "reserved",
                                      [MAP_WARNING] = "warning",
                                      [MAP_ERROR] = "error"};
  return names[box->mark];
}

enum { LETTER = 6 }; /* pixels, of the labels' font */

/* The name, as much of it as there is room for: across, else down. */
static void draw_label(FILE *out, const map_box *box, rectangle r) {
  const char *name = map_string(box->tile, "name");
  int length = (int)strlen(name);
  bool is_across = r.height >= 9 && r.width >= 4 * LETTER;
  bool is_down = r.width >= 9 && r.height >= 5 * LETTER;
  if (is_across && is_down && r.width < length * LETTER) {
    is_across = r.height < r.width;
  }
  if (!is_across && !is_down) {
    return;
  }
  int room = (int)(((is_across ? r.width : r.height) - 4) / LETTER);
  int shown = length <= room ? length : room - 1;
  if (is_across) {
    fprintf(out, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">", r.x + 3,
            r.y + (r.height > 26 ? 11 : r.height / 2 + 3));
  } else {
    fprintf(out, "<text class=\"name\" transform=\"translate(%.1f %.1f) rotate(90)\">",
            r.x + r.width / 2 - 3, r.y + 3);
  }
  char part[128];
  snprintf(part, sizeof(part), "%.*s%s", shown < 100 ? shown : 100, name,
           shown < length ? "\xe2\x80\xa6" : "");
  markup_print(out, part);
  fputs("</text>", out);
}

/* Whether nothing lies in the rectangle, and it is inside of the panel. */
static bool is_free(const map_view *view, const map_box *box, rectangle r) {
  if (r.x + r.width > view->panels[box->panel].right || r.y + r.height > view->height) {
    return false;
  }
  for (int i = 0; i < view->box_count; i++) {
    rectangle other = rectangle_of(view, &view->boxes[i]);
    if (view->boxes[i].panel == box->panel && other.x < r.x + r.width &&
        r.x < other.x + other.width && other.y < r.y + r.height && r.y < other.y + other.height) {
      return false;
    }
  }
  return true;
}

/* A box that is too small for its name has it on the right, if there is room. */
static bool draw_label_beside(FILE *out, const map_view *view, const map_box *box, rectangle r) {
  const char *name = map_string(box->tile, "name");
  double length = (double)strlen(name) * LETTER;
  rectangle beside = {r.x + r.width + 1, r.y, length + 3, 11};
  if (r.width >= 4 * LETTER || r.height < 9 || length > 40 * LETTER ||
      !is_free(view, box, beside)) {
    return false;
  }
  fprintf(out, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">", beside.x + 2, r.y + 9);
  markup_print(out, name);
  fputs("</text>", out);
  return true;
}

static void label_box(FILE *out, const map_view *view, const map_box *box) {
  rectangle r = rectangle_of(view, box);
  if (!draw_label_beside(out, view, box, r)) {
    draw_label(out, box, r);
  }
}

static void draw_box(FILE *out, const map_view *view, const map_box *box) {
  rectangle r = rectangle_of(view, box);
  fprintf(out, "<g class=\"box %s %s\">", view->panels[box->panel].space, class_of(box));
  draw_title(out, view, box);
  fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", r.x, r.y, r.width,
          r.height);
  if (box->mark != MAP_ERROR) {
    label_box(out, view, box);
  }
  fputs("</g>\n", out);
}

/* Where two clashing lives meet. */
static void draw_clash(FILE *out, const map_view *view, const map_box *a, const map_box *b) {
  double begin = a->begin > b->begin ? a->begin : b->begin;
  double end = a->end < b->end ? a->end : b->end;
  int first = a->first > b->first ? a->first : b->first;
  int last = a->last < b->last ? a->last : b->last;
  if (a->panel == b->panel && begin < end && first <= last) {
    double x = map_x(view, a, begin), y = map_y(view, first);
    fprintf(out, "<rect class=\"clash\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
            x, y + 0.5, map_x(view, a, end) - x, map_y(view, last + 1) - y - 1);
  }
}

static void draw_clashes(FILE *out, const map_view *view) {
  for (int i = 0; i < view->box_count; i++) {
    for (int j = 0; j < i && view->boxes[i].mark == MAP_ERROR; j++) {
      const map_box *other = &view->boxes[j];
      if (other->mark == MAP_ERROR || other->mark == MAP_RESERVED) {
        draw_clash(out, view, &view->boxes[i], other);
      }
    }
  }
}

void map_draw_body(FILE *out, const map_view *view) {
  fprintf(out, "<svg class=\"body\" width=\"%.0f\" height=\"%.0f\">\n", view->width,
          view->height + 2);
  for (int i = 0; i < view->panel_count; i++) {
    draw_panel(out, view, &view->panels[i]);
  }
  draw_loops(out, view);
  draw_steps(out, view);
  static const map_mark order[] = {MAP_RESERVED, MAP_PLAIN, MAP_WARNING, MAP_ERROR};
  for (size_t pass = 0; pass < sizeof(order) / sizeof(order[0]); pass++) {
    for (int i = 0; i < view->box_count; i++) {
      if (view->boxes[i].mark == order[pass]) {
        draw_box(out, view, &view->boxes[i]);
      }
    }
  }
  draw_clashes(out, view);
  fputs("<g class=\"over\">", out);
  for (int i = 0; i < view->box_count; i++) {
    if (view->boxes[i].mark == MAP_ERROR) {
      label_box(out, view, &view->boxes[i]);
    }
  }
  fputs("</g>\n", out);
  for (int i = 0; i < view->panel_count; i++) {
    draw_capacity(out, view, &view->panels[i]);
  }
  fputs("</svg>\n", out);
}
