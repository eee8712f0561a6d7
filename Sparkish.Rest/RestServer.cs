using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sparkish.Deploy;
using Sparkish.Security;
using Sparkish.Validation;

namespace Sparkish.Rest;

/// <summary>The web server. Only this class and <see cref="RestRequests"/> know ASP.NET Core.</summary>
internal sealed class RestServer : IAsyncDisposable
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;

    private RestServer(WebApplication app, Uri url) => (_app, Url) = (app, url);

    /// <summary>The address of the server.</summary>
    public Uri Url { get; }

    /// <summary>Starts the server.</summary>
    /// <exception cref="SparkException">The address cannot be bound.</exception>
    public static async Task<RestServer> StartAsync(
        RestOptions options, SecurityManager security, RestService service, TimeProvider time, ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger<RestServer>();
        var access = new RestAccess(security, options.FilterKey);
        var refusals = new LineBudget(time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(new Warnings(loggers));
        builder.Services.AddSingleton<IHostLifetime, ProcessLifetime>();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = StopTime);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            Limit(kestrel, options);
            kestrel.Listen(options.Address, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                LimitSources(listen, new ConnectionsPerSource(options.MaxConnectionsPerSource), options, refusals, log);
                if (security.Tls is { ChecksCertificates: true } tls) listen.UseHttps(Https(tls, access));
            });
        });

        var app = builder.Build();
        var requests = new RestRequests(options, access, service, refusals, log);
        app.Run(requests.ProcessAsync);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new SparkException(string.Create(CultureInfo.InvariantCulture,
                $"The REST submission server cannot listen on {options.Host}:{options.Port} ({error.Message.TrimEnd('.')}): set {RestKeys.Host.Key} to an address of this machine, and {RestKeys.Port.Key} to a free port."), error);
        }

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var server = new RestServer(app, new Uri(address));
        service.Port = server.Url.Port;
        log.RestStarted(address, Describe(access));
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static void Limit(KestrelServerOptions kestrel, RestOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBody;
        kestrel.Limits.MaxRequestHeadersTotalSize = options.MaxHeaders;
        kestrel.Limits.MaxRequestHeaderCount = 100;
        kestrel.Limits.RequestHeadersTimeout = options.HeaderTime;
        kestrel.Limits.KeepAliveTimeout = IdleTime;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
    }

    private static void LimitSources(ListenOptions listen, ConnectionsPerSource connections, RestOptions options, LineBudget refusals, ILogger log) =>
        listen.Use(next => async connection =>
        {
            var source = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
            if (!connections.TryAdd(source))
            {
                if (refusals.TryTake(source.ToString(), out var leftOut))
                    log.ConnectionRefusedOverHttp(source.ToString(), options.MaxConnectionsPerSource, leftOut);
                connection.Abort();
                return;
            }

            try
            {
                await next(connection).ConfigureAwait(false);
            }
            finally
            {
                connections.Remove(source);
            }
        });

    private static HttpsConnectionAdapterOptions Https(TlsIdentity tls, RestAccess access) => new()
    {
        ServerCertificate = tls.Certificate,
        ServerCertificateChain = tls.Chain,
        SslProtocols = SslProtocols.Tls13,
        ClientCertificateMode = access.NeedsCertificate ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate,
        ClientCertificateValidation = (certificate, chain, _) => tls.FindProblem(certificate, chain?.ChainPolicy.ExtraStore, dialledHost: null) is null,
        HandshakeTimeout = TimeSpan.FromSeconds(5),
    };

    private static string Describe(RestAccess access) => (access.NeedsToken, access.NeedsCertificate) switch
    {
        (true, true) => "tokens and client certificates",
        (true, false) => "tokens",
        (false, true) => "client certificates",
        _ => "open to all users of this machine, like the master itself",
    };

    /// <summary>Leaves signals to the program that runs the master.</summary>
    private sealed class ProcessLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Passes warnings of the web server on to the log of the master.</summary>
    private sealed class Warnings(ILoggerFactory loggers) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => loggers.CreateLogger(categoryName);

        public void Dispose() { }
    }
}
