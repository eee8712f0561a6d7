using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Sparkish.Benchmarks.Rpc.Bare;

/// <summary>
/// The other end of the baselines: a listener on loopback that speaks length-prefixed records over a bare socket, or over a bare <see cref="SslStream"/>
/// when it has a certificate. A connection that fails is the client's to report.
/// </summary>
internal sealed class BareServer : IAsyncDisposable
{
    private const int SliceBytes = 256 << 10;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2? _certificate;
    private readonly BulkBody _body;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public BareServer(X509Certificate2? certificate, BulkBody body)
    {
        (_certificate, _body) = (certificate, body);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true) serving.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        try
        {
            await using var stream = await OpenAsync(socket);
            var mode = new byte[1];
            await stream.ReadExactlyAsync(mode, _stop.Token);
            await ((BareMode)mode[0] switch
            {
                BareMode.Echo => EchoAsync(stream),
                BareMode.Count => CountAsync(stream),
                BareMode.Memory => SendAsync(stream, _ => new ValueTask<ReadOnlyMemory<byte>>(_body.Memory)),
                BareMode.File => SendFileAsync(stream),
                _ => throw new InvalidDataException($"Mode {mode[0]} is unknown."),
            });
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or InvalidDataException)
        {
            if (!_stop.IsCancellationRequested) await Console.Error.WriteLineAsync($"rpc serve: a bare connection ended: {e.Message}");
        }
    }

    private async Task<Stream> OpenAsync(Socket socket)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (_certificate is null) return stream;
        var secured = new SslStream(stream, leaveInnerStreamOpen: false);
        await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        return secured;
    }

    private async Task EchoAsync(Stream stream)
    {
        var (input, output, have) = (new byte[BareRecords.BufferBytes], new byte[BareRecords.BufferBytes], 0);
        while (await stream.ReadAsync(input.AsMemory(have), _stop.Token) is var read and > 0)
        {
            have += read;
            var (used, written) = (0, 0);
            while (BareRecords.TryRead(input.AsSpan(used, have - used), out var payload, out var size))
            {
                written += BareRecords.Write(output.AsSpan(written), payload);
                used += size;
            }

            input.AsSpan(used, have - used).CopyTo(input);
            have -= used;
            if (written > 0) await stream.WriteAsync(output.AsMemory(0, written), _stop.Token);
        }
    }

    private async Task CountAsync(Stream stream)
    {
        var (input, have, count) = (new byte[BareRecords.BufferBytes], 0, 0L);
        while (await stream.ReadAsync(input.AsMemory(have), _stop.Token) is var read and > 0)
        {
            have += read;
            var (used, ended) = (0, false);
            while (BareRecords.TryRead(input.AsSpan(used, have - used), out var payload, out var size))
            {
                if (payload.IsEmpty) ended = true;
                else count++;
                used += size;
            }

            input.AsSpan(used, have - used).CopyTo(input);
            have -= used;
            if (!ended) continue;
            var answer = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(answer, count);
            await stream.WriteAsync(answer, _stop.Token);
        }
    }

    private async Task SendFileAsync(Stream stream)
    {
        using var file = _body.OpenFile();
        var buffer = new byte[SliceBytes];
        await SendAsync(stream, async position =>
        {
            var at = position % BulkBody.FileBytes;
            return buffer.AsMemory(0, await RandomAccess.ReadAsync(file, buffer, at, _stop.Token));
        });
    }

    private async Task SendAsync(Stream stream, Func<long, ValueTask<ReadOnlyMemory<byte>>> next)
    {
        var wanted = new byte[sizeof(long)];
        while (await stream.ReadAtLeastAsync(wanted, wanted.Length, throwOnEndOfStream: false, _stop.Token) == wanted.Length)
        {
            var length = BinaryPrimitives.ReadInt64LittleEndian(wanted);
            for (var sent = 0L; sent < length;)
            {
                var bytes = await next(sent);
                for (var at = 0; at < bytes.Length && sent < length;)
                {
                    var slice = bytes.Slice(at, (int)Math.Min(Math.Min(SliceBytes, bytes.Length - at), length - sent));
                    await stream.WriteAsync(slice, _stop.Token);
                    at += slice.Length;
                    sent += slice.Length;
                }
            }
        }
    }
}
