using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Sparkish.Diagnostics;
using Sparkish.Validation;

namespace Sparkish.Rest;

/// <summary>
/// Receives requests. Whatever can be refused is refused before the body is read: a foreign host or origin (a page of another site in a browser), a missing
/// token, a wrong path, method or type.
/// </summary>
internal sealed class RestRequests(RestOptions options, RestAccess access, RestService service, LineBudget refusals, ILogger log)
{
    private const string Json = "application/json";

    public async Task ProcessAsync(HttpContext context)
    {
        var source = context.Connection.RemoteIpAddress?.ToString() ?? "an unknown address";
        RestReply reply;
        try
        {
            reply = await AnswerAsync(context, source).ConfigureAwait(false);
        }
        catch (RestException refused)
        {
            reply = Refuse(refused.Error, source);
        }
        catch (BadHttpRequestException error)
        {
            reply = Refuse(new RestError(error.StatusCode, error.Message), source); // such as a body that is too large
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            log.FailedOverHttp(error, source);
            reply = RestReply.Of(RestError.Internal("see the log of the master."));
        }

        await WriteAsync(context.Response, reply).ConfigureAwait(false);
    }

    private async Task<RestReply> AnswerAsync(HttpContext context, string source)
    {
        var request = context.Request;
        ThrowIfForeign(request);
        var caller = await access.FindCallerAsync(request.Headers.Authorization, context.Connection.ClientCertificate).ConfigureAwait(false);
        if (caller is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            throw new RestException(new RestError(401, "The request has no valid token: send the output of 'sparkish secret token' as 'Authorization: Bearer TOKEN'."));
        }

        var route = RestRoute.Parse(request.Path.Value ?? "");
        if (request.Method != route.Method)
        {
            context.Response.Headers.Allow = route.Method;
            throw new RestException(new RestError(405, $"The action '{route.Action}' needs the method {route.Method}."));
        }

        var body = route.Action == RestAction.Create ? await ReadBodyAsync(context).ConfigureAwait(false) : ReadOnlyMemory<byte>.Empty;
        return await service.AnswerAsync(route, caller, source, body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Refuses what a browser sends for a page of another site: by its origin, or by a name that the other site has given to this address.</summary>
    private void ThrowIfForeign(HttpRequest request)
    {
        if (!IsOwn(request.Host.Host))
            throw new RestException(RestError.BadRequest("The header Host does not name this server: use its address, or the name that it is bound to."));
        var origins = request.Headers.Origin;
        if (origins.Count > 0 && (origins.Count > 1 || origins[0] != $"{request.Scheme}://{request.Host}"))
            throw new RestException(new RestError(403, "The header Origin names another site."));
    }

    // A name that another site controls may lead to this address, but an address in the header cannot be given by it.
    private bool IsOwn(string host) => IPAddress.TryParse(host.Trim('[', ']'), out _)
        || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || string.Equals(host, options.Host, StringComparison.OrdinalIgnoreCase);

    private async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase))
            throw new RestException(new RestError(415, $"The header Content-Type must be {Json}."));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(options.BodyTime);
        var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, deadline.Token).ConfigureAwait(false);
            return body.GetBuffer().AsMemory(0, (int)body.Length);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new RestException(new RestError(
                408, string.Create(CultureInfo.InvariantCulture, $"The body did not arrive within {options.BodyTime.TotalSeconds} seconds.")));
        }
    }

    private RestReply Refuse(RestError error, string source)
    {
        if (error.Status is 401 or 403 or >= 500 && refusals.TryTake(source, out var leftOut))
            log.RefusedOverHttp(source, error.Status, LogText.Escape(error.Message), leftOut);
        return RestReply.Of(error);
    }

    private static async Task WriteAsync(HttpResponse response, RestReply reply)
    {
        var json = reply.ToJson();
        response.StatusCode = reply.Status;
        response.ContentType = $"{Json};charset=utf-8";
        response.ContentLength = json.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await response.Body.WriteAsync(json, response.HttpContext.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client has gone.
        }
    }
}
