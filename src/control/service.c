/* SPDX-License-Identifier: ISC */
#include "control/client.h"

#include <string.h>

/* org.varlink.service, which every Varlink server answers. */

#define SERVICE "org.varlink.service"

const char *
service_interface(const struct control *control, const char *name, size_t size)
{
	const char *const *pair;

	if (size == strlen(SERVICE) && memcmp(name, SERVICE, size) == 0)
		return wire_interface_service;
	for (pair = control->options.interfaces; pair[0] != NULL; pair += 2) {
		if (strlen(pair[0]) == size && memcmp(pair[0], name, size) == 0)
			return pair[1];
	}
	return NULL;
}

static void
get_info(struct control_call *call, struct wire_object *parameters, void *arg)
{
	const struct control_options *options = &call->client->control->options;
	const char *const *pair, *fault = wire_object_fault(parameters);
	struct buf json = {0};
	struct jsonw w;

	(void)arg;
	if (fault != NULL) {
		control_invalid(call, fault);
		return;
	}
	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "vendor", options->vendor);
	jsonw_text(&w, "product", options->product);
	jsonw_text(&w, "version", options->version);
	jsonw_text(&w, "url", options->url);
	jsonw_array(&w, "interfaces");
	jsonw_text(&w, NULL, SERVICE);
	for (pair = options->interfaces; pair[0] != NULL; pair += 2) {
		if (strcmp(pair[0], SERVICE) != 0)
			jsonw_text(&w, NULL, pair[0]);
	}
	jsonw_close(&w);
	jsonw_close(&w);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

static void
get_description(struct control_call *call, struct wire_object *parameters, void *arg)
{
	const char *name, *fault, *text;
	struct buf json = {0};
	struct jsonw w;

	(void)arg;
	(void)wire_object_text(parameters, "interface", &name);
	fault = wire_object_fault(parameters);
	if (fault != NULL || name == NULL) {
		control_invalid(call, fault != NULL ? fault : "interface");
		return;
	}
	text = service_interface(call->client->control, name, strlen(name));
	if (text == NULL) {
		control_fail_text(
		    call, SERVICE ".InterfaceNotFound", "interface", name);
		return;
	}
	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "description", text);
	jsonw_close(&w);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

const struct control_method service_methods[] = {
    {.name = SERVICE ".GetInfo", .start = get_info},
    {.name = SERVICE ".GetInterfaceDescription", .start = get_description},
};
const size_t service_method_count =
    sizeof(service_methods) / sizeof(service_methods[0]);

/* Does the description have "method NAME(" at the start of a line? */
static bool
has_method(const char *description, const char *name)
{
	const char *line = description;
	size_t size = strlen(name);

	while ((line = strstr(line, "\nmethod ")) != NULL) {
		line += strlen("\nmethod ");
		if (strncmp(line, name, size) == 0 && line[size] == '(')
			return true;
	}
	return false;
}

void
service_unknown(struct control_call *call, const char *method)
{
	const char *dot = strrchr(method, '.'), *description;
	struct buf interface = {0};

	if (dot == NULL) {
		control_invalid(call, "method");
		return;
	}
	description =
	    service_interface(call->client->control, method, (size_t)(dot - method));
	if (description == NULL) {
		buf_add(&interface, method, (size_t)(dot - method));
		control_fail_text(call, SERVICE ".InterfaceNotFound", "interface",
		    buf_text(&interface));
		buf_done(&interface);
	} else if (has_method(description, dot + 1)) {
		control_fail_text(
		    call, SERVICE ".MethodNotImplemented", "method", method);
	} else {
		control_fail_text(call, SERVICE ".MethodNotFound", "method", method);
	}
}
