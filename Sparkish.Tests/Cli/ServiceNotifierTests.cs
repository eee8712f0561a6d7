using System.Net.Sockets;
using System.Text;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Cli;

/// <summary>That systemd hears of the start and the end of a daemon.</summary>
[Platform("Linux")]
internal sealed class ServiceNotifierTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Test]
    public async Task A_daemon_tells_systemd_that_it_is_ready_and_that_it_stops()
    {
        using var directory = new TemporaryDirectory();
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(directory.File("notify")));
        await using var master = TestProcess.Start("dotnet", ["exec", TestedEnv.Command, "master", "--port", "0"],
            environment: new Dictionary<string, string?>(StringComparer.Ordinal) { ["NOTIFY_SOCKET"] = directory.File("notify") });

        var ready = await ReceiveAsync(systemd);
        master.Terminate();
        var stopping = await ReceiveAsync(systemd);

        Assert.That((ready, stopping), Is.EqualTo(("READY=1", "STOPPING=1")));
        Assert.That(await master.WaitForExitAsync(Limit), Is.Zero);
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        using var deadline = new CancellationTokenSource(Limit);
        var buffer = new byte[256];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, SocketFlags.None, deadline.Token));
    }
}
