using System.Security.Authentication;
using Sparkish.Benchmarks.Rpc.Bare;

namespace Sparkish.Tests.Benchmarks.Rpc;

internal sealed class BareCertificateTests
{
    [Test]
    public async Task A_certificate_of_another_hash_is_refused()
    {
        using var body = new BulkBody();
        using var certificate = BareCertificate.Create(TimeProvider.System.GetUtcNow());
        await using var server = new BareServer(certificate, body);

        var peer = new BarePeer(server.Port, CertificateHash: new string('0', 64));

        Assert.That(() => peer.ConnectAsync(BareMode.Echo), Throws.TypeOf<AuthenticationException>());
    }
}
