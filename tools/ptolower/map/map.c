/* Writes the page of the memory map: functions, findings, key, and the drawings of map_svg.c. */
#include "map/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/markup.h"
#include "map/map_style.h"
#include "map/map_svg.h"
#include "map/map_view.h"

/* ---- one function --------------------------------------------------------- */

/* "proved", or how grave what was found is. */
static const char *class_of(const cJSON *function) {
  const cJSON *finding;
  const char *verdict = map_string(function, "verdict");
  if (strcmp(verdict, "findings") != 0) {
    return strcmp(verdict, "proved") == 0 ? "proved" : "open";
  }
  cJSON_ArrayForEach(finding, cJSON_GetObjectItem(function, "findings")) {
    if (strcmp(map_string(finding, "severity"), "error") == 0) {
      return "wrong";
    }
  }
  return "warned";
}

static const char *verdict_text(const cJSON *function) {
  const char *verdict = map_string(function, "verdict");
  const char *grave = class_of(function);
  return strcmp(grave, "warned") == 0  ? "warnings"
         : strcmp(grave, "wrong") == 0 ? "wrong"
                                       : verdict;
}

static void draw_place(FILE *out, const cJSON *object) {
  if (map_number(object, "line") > 0) {
    fprintf(out, "line %.0f: ", map_number(object, "line"));
  }
  markup_print(out, map_string(object, "message"));
}

/* What belongs to a finding, below it. */
static void draw_notes(FILE *out, const cJSON *finding) {
  const cJSON *note;
  if (*map_string(finding, "reason")) {
    fputs("<div>allowed because ", out);
    markup_print(out, map_string(finding, "reason"));
    fputs("</div>\n", out);
  }
  cJSON_ArrayForEach(note, cJSON_GetObjectItem(finding, "notes")) {
    fputs("<div>", out);
    draw_place(out, note);
    fputs("</div>\n", out);
  }
}

static void draw_findings(FILE *out, const cJSON *function) {
  const cJSON *findings = cJSON_GetObjectItem(function, "findings"), *finding;
  if (cJSON_GetArraySize(findings) == 0) {
    return;
  }
  fputs("<ul class=\"findings\">\n", out);
  cJSON_ArrayForEach(finding, findings) {
    fprintf(out, "<li class=\"%s\">", map_string(finding, "severity"));
    draw_place(out, finding);
    fprintf(out, " [%s]", map_string(finding, "code"));
    draw_notes(out, finding);
    fputs("</li>\n", out);
  }
  fputs("</ul>\n", out);
}

static void draw_key(FILE *out, const map_view *view) {
  static const char *const texts[] = {[MAP_RESERVED] = "reserved for a pipe between cores",
                                      [MAP_WARNING] = "named by a warning",
                                      [MAP_ERROR] = "named by an error; hatched: both live there"};
  static const char *const classes[] = {
      [MAP_RESERVED] = "reserved", [MAP_WARNING] = "warning", [MAP_ERROR] = "error"};
  bool is_there[MAP_ERROR + 1] = {false};
  for (int i = 0; i < view->box_count; i++) {
    is_there[view->boxes[i].mark] = true;
  }
  fputs("<div class=\"key\"><span>A box is a tile from its write to its last read; rest on it "
        "for its name, size and line.</span><span><svg><line class=\"capacity\" x1=\"7\" "
        "x2=\"7\" y1=\"0\" y2=\"12\"/></svg>end of the buffer</span>",
        out);
  for (int mark = MAP_RESERVED; mark <= MAP_ERROR; mark++) {
    if (is_there[mark]) {
      fprintf(out,
              "<span><svg><g class=\"box %s\"><rect x=\"1\" y=\"1\" width=\"12\" "
              "height=\"10\"/></g></svg>%s</span>",
              classes[mark], texts[mark]);
    }
  }
  fputs("</div>\n", out);
}

/* Tiles that have no box. */
static void draw_missing(FILE *out, const map_view *view) {
  int unplaced = 0, unused = 0;
  for (int i = 0; i < view->tile_count; i++) {
    bool is_placed = !view->is_planned || cJSON_HasObjectItem(view->tiles[i], "address");
    unplaced += !is_placed;
    unused += is_placed && !cJSON_HasObjectItem(view->tiles[i], "first");
  }
  if (!view->is_planned && view->box_count > 0) {
    fputs("<p class=\"small\">The tiles have no addresses (level2): ptoas plans them. They are "
          "drawn as low as they fit.</p>\n",
          out);
  }
  if (unplaced > 0) {
    fprintf(out, "<p class=\"small\">Not drawn: %d with an address that is not constant.</p>\n",
            unplaced);
  }
  if (unused > 0) {
    fprintf(out, "<p class=\"small\">Not drawn: %d that no op uses.</p>\n", unused);
  }
}

static void draw_map(FILE *out, const map_view *view, const char *name) {
  fprintf(out, "<div class=\"map %s\" tabindex=\"0\">\n", name);
  map_draw_scales(out, view);
  map_draw_body(out, view);
  fputs("</div>\n", out);
}

static void draw_choice(FILE *out, int index, char letter, bool is_checked, const char *text) {
  fprintf(out, "<input type=\"radio\" name=\"v%d\" id=\"v%d%c\"%s><label for=\"v%d%c\">%s</label>",
          index, index, letter, is_checked ? " checked" : "", index, letter, text);
}

/* Buffers of which little is used are shown in two ways. */
static bool draw_maps(FILE *out, const map_view *whole, int index) {
  double share = map_view_share(whole);
  if (share > 0.7) {
    draw_map(out, whole, "");
    return true;
  }
  map_view used;
  bool ok = map_view_create(whole->function, true, &used);
  if (ok) {
    fputs("<div class=\"views\">", out);
    draw_choice(out, index, 'a', share > 0.3, "whole buffers");
    draw_choice(out, index, 'b', share <= 0.3, "the part that is used");
    draw_map(out, whole, "whole");
    draw_map(out, &used, "used");
    fputs("</div>\n", out);
  }
  map_view_free(&used);
  return ok;
}

/* Where the page's script draws what runs when. */
static void draw_timeline(FILE *out, const time_table *times, const cJSON *report,
                          const cJSON *function) {
  int place = time_index(times, map_string(report, "file"), map_string(function, "name"));
  if (place >= 0) {
    fprintf(out, "<h3>Timeline</h3>\n<div class=\"timeline\" data-kernel=\"%d\"></div>\n", place);
  }
}

static bool draw_function(FILE *out, const cJSON *report, const cJSON *function, int index,
                          const time_table *times) {
  map_view view;
  bool ok = map_view_create(function, false, &view);
  fprintf(out, "<section id=\"f%d\">\n<h2>@", index);
  markup_print(out, map_string(function, "name"));
  fprintf(out, "</h2>\n<p class=\"soft\"><span class=\"verdict %s\">%s</span> \xc2\xb7 ",
          class_of(function), verdict_text(function));
  markup_print(out, map_string(report, "file"));
  fprintf(out, ":%.0f \xc2\xb7 %s \xc2\xb7 %d tiles</p>\n", map_number(function, "line"),
          map_string(report, "target"), view.tile_count);
  draw_findings(out, function);
  if (ok && view.box_count > 0) {
    draw_key(out, &view);
    draw_missing(out, &view);
    ok = draw_maps(out, &view, index);
  }
  draw_timeline(out, times, report, function);
  fputs("</section>\n", out);
  map_view_free(&view);
  return ok;
}

/* ---- the page ------------------------------------------------------------- */

static int count_functions(const cJSON *reports) {
  const cJSON *report;
  int count = 0;
  cJSON_ArrayForEach(report, reports) {
    count += cJSON_GetArraySize(cJSON_GetObjectItem(report, "functions"));
  }
  return count;
}

/* The name of a file, without its folders. */
static void draw_file(FILE *out, const cJSON *report) {
  const char *path = map_string(report, "file"), *slash = strrchr(path, '/');
  fputs("<small>", out);
  markup_print(out, slash ? slash + 1 : path);
  fputs("</small> ", out);
}

static void draw_links(FILE *out, const cJSON *reports) {
  const cJSON *report, *function;
  int index = 0;
  fputs("<nav>\n", out);
  cJSON_ArrayForEach(report, reports) {
    cJSON_ArrayForEach(function, cJSON_GetObjectItem(report, "functions")) {
      fprintf(out, "<a class=\"%s\" href=\"#f%d\" title=\"", class_of(function), index++);
      markup_print(out, map_string(report, "file"));
      fputs("\">", out);
      draw_file(out, report);
      markup_print(out, map_string(function, "name"));
      fputs("</a>\n", out);
    }
  }
  fputs("</nav>\n", out);
}

/* The page up to its sections. */
static void draw_head(FILE *out) {
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<title>Memory map</title>\n<style>\n",
        out);
  time_put_style(out);
  fprintf(
      out,
      "%s</style>\n</head>\n<body>\n%s<h1>Memory map</h1>\n"
      "<p class=\"soft\">Addresses run from left to right, the program runs down. All buffers of "
      "a function have one scale.</p>\n",
      map_style, map_hatch);
}

/* The page after its sections: the timelines' data, and the scripts. */
static void draw_tail(FILE *out, const time_table *times) {
  fputs("<div id=\"tip\" hidden></div>\n<script type=\"application/json\" id=\"data\">", out);
  time_put_data(out, times);
  fputs("</script>\n<script>\n", out);
  time_put_script(out);
  fprintf(out, "%s</script>\n</body>\n</html>\n", map_script);
}

static bool draw_page(FILE *out, const cJSON *reports, const time_table *times) {
  const cJSON *report, *function;
  bool ok = true;
  int index = 0;
  draw_head(out);
  if (count_functions(reports) > 1) {
    draw_links(out, reports);
  }
  cJSON_ArrayForEach(report, reports) {
    cJSON_ArrayForEach(function, cJSON_GetObjectItem(report, "functions")) {
      ok = draw_function(out, report, function, index++, times) && ok;
    }
  }
  draw_tail(out, times);
  return ok;
}

char *map_draw(const cJSON *reports, const time_table *times) {
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (!out) {
    return NULL;
  }
  bool ok = draw_page(out, reports, times);
  ok = fclose(out) == 0 && ok;
  if (!ok) {
    free(text);
    text = NULL;
  }
  return text;
}
