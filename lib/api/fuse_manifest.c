/* Writes which arguments a merged function has, and which of the kernels' each of them is. */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "api/fusion.h"
#include "asm/asm.h"
#include "ir/build.h"
#include "target/target.h"

static const char *name_of(const ptl_fusion *f, MlirAttribute names, int index) {
  MlirStringRef name = mlirStringAttrGetValue(mlirArrayAttrGetElement(names, index));
  return ptl_arena_copy(&f->session->arena, name.data, name.length);
}

/* Of which arguments of the kernels an argument is. */
static void add_origins(const ptl_fusion *f, MlirOperation merged, int argument, cJSON *object) {
  cJSON *origins = cJSON_AddArrayToObject(object, "is");
  for (int i = 0; i < f->count; i++) {
    const ptl_fusion_part *part = &f->parts[i];
    for (int j = 0; j < (int)mlirArrayAttrGetNumElements(part->names); j++) {
      if (ptl_fusion_argument(merged, i, j) == argument) {
        cJSON *origin = cJSON_CreateObject();
        cJSON_AddItemToArray(origins, origin);
        cJSON_AddNumberToObject(origin, "kernel", i);
        cJSON_AddNumberToObject(origin, "argument", j);
        cJSON_AddStringToObject(origin, "name", name_of(f, part->names, j));
      }
    }
  }
}

static void add_arguments(const ptl_fusion *f, MlirOperation merged, cJSON *document) {
  cJSON *arguments = cJSON_AddArrayToObject(document, "arguments");
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(merged, 0));
  for (int i = 0; i < (int)mlirBlockGetNumArguments(body); i++) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(arguments, object);
    cJSON_AddStringToObject(object, "name", name_of(f, ptl_attr(merged, ptl_attr_names), i));
    cJSON_AddStringToObject(
        object, "type",
        ptl_type_text(&f->session->arena, mlirValueGetType(mlirBlockGetArgument(body, i))).data);
    add_origins(f, merged, i, object);
  }
}

/* What the kernels take one after the other, under each calibration. */
static void add_cycles(const ptl_fusion *f, MlirOperation merged, cJSON *document) {
  MlirAttribute cycles = ptl_attr(merged, ptl_attr_cycles);
  cJSON *array = cJSON_AddArrayToObject(document, "cycles_apart");
  for (int i = 0; !mlirAttributeIsNull(cycles) && i < f->session->target->rate_count; i++) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(array, object);
    cJSON_AddStringToObject(object, "calibration", f->session->target->rates[i].name);
    cJSON_AddNumberToObject(object, "cycles", mlirDenseF64ArrayGetElement(cycles, i));
  }
}

void ptl_fusion_write_manifest(const ptl_fusion *f, MlirOperation merged) {
  cJSON *document = cJSON_CreateObject();
  ptl_str name = ptl_string_attr(merged, "sym_name");
  cJSON_AddStringToObject(document, "ptolower", ptolower_version());
  cJSON_AddStringToObject(document, "kernel",
                          ptl_arena_copy(&f->session->arena, name.data, name.length));
  cJSON_AddStringToObject(document, "target", f->session->target->name);
  cJSON *kernels = cJSON_AddArrayToObject(document, "kernels");
  for (int i = 0; i < f->count; i++) {
    cJSON *kernel = cJSON_CreateObject();
    cJSON_AddItemToArray(kernels, kernel);
    cJSON_AddStringToObject(kernel, "file", f->parts[i].file);
    cJSON_AddStringToObject(kernel, "function", f->parts[i].name);
  }
  add_arguments(f, merged, document);
  add_cycles(f, merged, document);
  char *text = cJSON_Print(document);
  ptl_strbuf_printf(&f->result->manifest, "%s\n", text ? text : "{}");
  free(text);
  cJSON_Delete(document);
}
