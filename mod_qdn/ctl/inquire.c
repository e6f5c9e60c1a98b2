/* SPDX-License-Identifier: Apache-2.0 */
#include "inquire.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sys/file.h>
#include <unistd.h>

#include "database.h"
#include "status.h"

/* httpd locks its state directory as long as it runs, daemon or not. */
static int is_locked(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int locked =
        fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;

    if (fd >= 0) {
        close(fd);
    }
    return locked;
}

static const char *ask(json_object **panswer, const char *dir,
                       const char *request, apr_interval_time_t patience,
                       apr_pool_t *p)
{
    const char *path = apr_pstrcat(p, dir, "/" QDN_CONTROL_SOCKET, NULL);
    const char *reply;
    char why[128];
    apr_status_t rv = qdn_control_ask(path, request, &reply, patience, p);

    if (rv && is_locked(dir)) {
        return apr_psprintf(p,
                            "httpd runs, but its daemon does not answer at "
                            "%s: %s; httpd's error log says why",
                            path, qdn_strerror(rv, why, sizeof(why)));
    }
    if (APR_STATUS_IS_ENOENT(rv) || APR_STATUS_IS_ECONNREFUSED(rv)) {
        return apr_psprintf(p,
                            "nobody answers at %s: httpd is down, or keeps "
                            "its state elsewhere (--state DIR)",
                            path);
    }
    if (rv) {
        return apr_psprintf(p, "asking at %s failed: %s", path,
                            qdn_strerror(rv, why, sizeof(why)));
    }
    *panswer = json_tokener_parse(reply);
    return *panswer ? NULL
                    : "the daemon's answer is no JSON; is it of another "
                      "version than qdnctl?";
}

/* {"error":"sentence"} is the daemon's refusal. */
static const char *refusal(json_object *answer, apr_pool_t *p)
{
    json_object *error;

    return json_object_object_get_ex(answer, "error", &error)
               ? apr_pstrdup(p, json_object_get_string(error))
               : NULL;
}

const char *qdn_inquire(json_object **panswer, const qdn_ctl_t *ctl,
                        const char *request, apr_interval_time_t patience)
{
    json_object *answer = NULL;
    qdn_database_t db;
    const char *error = qdn_database_find(&db, ctl);

    if (!error) {
        error = qdn_database_become_owner(db.state_dir, ctl->pool);
    }
    if (!error) {
        error = ask(&answer, db.state_dir, request, patience, ctl->pool);
    }
    if (!error) {
        error = refusal(answer, ctl->pool);
    }
    if (error) {
        json_object_put(answer);
        return error;
    }
    *panswer = answer;
    return NULL;
}

const char *qdn_inquire_text(json_object *object, const char *name)
{
    json_object *value;

    return json_object_object_get_ex(object, name, &value)
               ? json_object_get_string(value)
               : NULL;
}

apr_int64_t qdn_inquire_number(json_object *object, const char *name)
{
    json_object *value;

    return json_object_object_get_ex(object, name, &value)
               ? json_object_get_int64(value)
               : 0;
}

json_object *qdn_inquire_list(json_object *object, const char *name)
{
    json_object *value;

    return json_object_object_get_ex(object, name, &value) &&
                   json_object_is_type(value, json_type_array)
               ? value
               : NULL;
}

size_t qdn_inquire_length(json_object *list)
{
    return list ? json_object_array_length(list) : 0;
}
