#include "map.h"
#include <stdlib.h>
#include <string.h>
char *map_draw(const cJSON *reports) { return cJSON_Print(reports); }
