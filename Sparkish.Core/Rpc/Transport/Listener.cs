using System.Net;
using System.Net.Sockets;
using Sparkish.Configuration;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>The listening socket of an env: binds, accepts, shakes hands and hands connections over.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 512;

    private readonly Socket _socket;

    private Listener(Socket socket) => _socket = socket;

    /// <summary>Where it listens.</summary>
    public IPEndPoint Bound => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Binds as the options say.</summary>
    /// <exception cref="SparkException">The address cannot be bound, or may not; the message says why and what to do.</exception>
    public static Listener Bind(RpcEnvOptions options)
    {
        var address = Resolve(options);
        CheckExposure(options, address);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, options.Port));
            socket.Listen(Backlog);
            return new Listener(socket);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            var reason = error.SocketErrorCode == SocketError.AddressAlreadyInUse ? "the port is in use" : error.Message;
            throw new SparkException(
                $"Service '{options.Name}' cannot listen on {new RpcAddress(options.BindHost, options.Port)}: {reason}. Choose another address or port (--host, --port, or the service's spark.*.port key; port 0 lets the system choose).", error);
        }
    }

    /// <summary>Accepts until it is disposed; each connection is greeted and then served by its own task.</summary>
    public async Task RunAsync(TransportContext context, Func<Socket, Hello, Task> serve)
    {
        while (true)
        {
            Socket accepted;
            try
            {
                accepted = await _socket.AcceptAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (error is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted or SocketError.InvalidArgument })
            {
                return;
            }
            catch (SocketException error)
            {
                // Such as too many open files: others may still be served, and room may come back.
                context.Log.AcceptFailed(error);
                await Task.Delay(TimeSpan.FromMilliseconds(100), context.Env.Time).ConfigureAwait(false);
                continue;
            }

            context.Tasks.Run(() => GreetAsync(context, accepted, serve));
        }
    }

    public void Dispose() => _socket.Dispose();

    private static async Task GreetAsync(TransportContext context, Socket socket, Func<Socket, Hello, Task> serve)
    {
        var remote = "an unknown address";
        try
        {
            remote = socket.RemoteEndPoint?.ToString() ?? remote;
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            var hello = await ShakeHandsAsync(context, socket).ConfigureAwait(false);
            await serve(socket, hello).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.Stopping.IsCancellationRequested)
        {
            context.Log.HandshakeRefused(remote, "this env has stopped");
        }
        catch (OperationCanceledException)
        {
            context.Log.HandshakeRefused(remote, $"no handshake within {AskTimeout.Format(context.Options.ConnectionTimeout)} (spark.rpc.io.connectionTimeout)");
        }
        catch (Exception error) when (error is SocketException or HandshakeException or ObjectDisposedException)
        {
            context.Log.HandshakeRefused(remote, error.Message);
        }
        finally
        {
            socket.Dispose();
        }
    }

    private static async Task<Hello> ShakeHandsAsync(TransportContext context, Socket socket)
    {
        using var timeout = new CancellationTokenSource(context.Options.ConnectionTimeout, context.Env.Time);
        using var stop = context.Stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), timeout);
        Hello hello;
        try
        {
            hello = await Handshake.ReceiveAsync(socket, timeout.Token).ConfigureAwait(false);
        }
        catch (HandshakeException error) when (error.OtherVersion)
        {
            await Handshake.SendAsync(socket, context.Hello(ConnectionKind.Messages), timeout.Token).ConfigureAwait(false);
            throw;
        }

        await Handshake.SendAsync(socket, context.Hello(hello.Kind), timeout.Token).ConfigureAwait(false);
        return hello;
    }

    private static IPAddress Resolve(RpcEnvOptions options)
    {
        if (IPAddress.TryParse(options.BindHost, out var literal)) return literal;
        try
        {
            var found = Dns.GetHostAddresses(options.BindHost);
            return Array.Find(found, address => address.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
        }
        catch (Exception error) when (error is SocketException or IndexOutOfRangeException)
        {
            throw new SparkException($"Service '{options.Name}' cannot listen on '{options.BindHost}': the host name cannot be resolved. Give an address of this machine.", error);
        }
    }

    private static void CheckExposure(RpcEnvOptions options, IPAddress address)
    {
        var authenticate = options.Conf.Get(CoreKeys.Authenticate);
        if (authenticate) throw new SparkException("spark.authenticate is 'true', but authentication is not available in this version: remove the key and bind to loopback, or set it to 'false'.");
        if (IPAddress.IsLoopback(address) || options.Conf.Contains(CoreKeys.Authenticate.Key)) return;
        throw new SparkException(
            $"Service '{options.Name}' would listen on {options.BindHost}, beyond this machine, without authentication: anyone who reaches it could run code. Bind to 127.0.0.1, or set spark.authenticate to 'false' to accept that.");
    }
}
