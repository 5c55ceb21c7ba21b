package io.heddle.rest.reply;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;

/** Whatever was thrown becomes the array of entries that clients read; a stack trace goes to the log and never to a client. */
@Singleton
public final class ErrorMapper implements ExceptionMapper<Throwable> {
    private final Answers answers;

    @Inject
    public ErrorMapper(Answers answers) {
        this.answers = answers;
    }

    @Override
    public Response toResponse(Throwable failure) {
        if (failure instanceof NotFoundException) {
            return withStatus(404, "the request cannot be answered", "there is nothing at this path");
        }
        if (failure instanceof NotAllowedException) {
            return withStatus(405, "the request cannot be answered", "the path does not take this method");
        }
        if (failure instanceof WebApplicationException refused) {
            int status = refused.getResponse().getStatus();
            if (status < 500) {
                return withStatus(status, "the request cannot be answered", refused.getMessage());
            }
        }
        return answers.failed(HeddleException.of(failure));
    }

    private Response withStatus(int status, String what, String why) {
        HeddleException refusal = new HeddleException(
                ErrorCode.INVALID_INPUT, what, why, "see /v1/openapi for the paths and methods of this API");
        return Response.fromResponse(answers.failed(refusal)).status(status).build();
    }
}
