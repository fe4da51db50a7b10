/* What a memory map shows of one function, and where: read from the report. */
#ifndef PTOLOWER_MAP_VIEW_H
#define PTOLOWER_MAP_VIEW_H

#include <stdbool.h>

#include <cjson/cJSON.h>

enum { MAP_MAX_PANELS = 8 };

typedef enum map_mark { MAP_PLAIN, MAP_RESERVED, MAP_WARNING, MAP_ERROR } map_mark;

/* A space. All panels have one scale. */
typedef struct map_panel {
  const char *space;
  double capacity, peak; /* bytes */
  double low, high;      /* bytes that are shown, also of what lies outside of the buffer */
  double left, right;    /* pixels */
  const cJSON *usage;
} map_panel;

/* A life: one value's stay in one place; or reserved bytes. */
typedef struct map_box {
  int panel;
  double begin, end; /* bytes */
  int first, last;   /* steps */
  map_mark mark;
  const cJSON *tile; /* of its first name; or the reservation */
  const cJSON *life; /* NULL: reserved bytes */
  int inset;         /* steps to the right of clashing boxes of one address */
} map_box;

typedef struct map_view {
  const cJSON *function;
  map_panel panels[MAP_MAX_PANELS];
  int panel_count;
  map_box *boxes;
  int box_count;
  const cJSON **tiles; /* by index */
  int tile_count;
  const cJSON **steps;
  int step_count;
  bool is_planned; /* the tiles have addresses */
  bool is_trimmed; /* of each buffer only the part that is used is shown */
  double scale;    /* pixels per byte */
  double row;      /* pixels per step */
  double gutter, width, height;
} map_view;

/* False: memory is out. To be freed in any case. */
bool map_view_create(const cJSON *function, bool is_trimmed, map_view *out);
/* The part of its buffers that the function uses: 0 to 1, or more. */
double map_view_share(const map_view *view);
void map_view_free(map_view *view);

double map_x(const map_view *view, const map_box *box, double byte);
double map_y(const map_view *view, int step);

/* Members of an object: 0 and "" where there is none. */
double map_number(const cJSON *object, const char *name);
const char *map_string(const cJSON *object, const char *name);

#endif
