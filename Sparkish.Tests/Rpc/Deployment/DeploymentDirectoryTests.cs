using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Rpc.Deployment;

namespace Sparkish.Tests.Rpc.Deployment;

internal sealed class DeploymentDirectoryTests
{
    [Test]
    public void A_temporary_directory_is_made_when_asked_for_and_removed_with_what_is_in_it()
    {
        var directory = new DeploymentDirectory(null, NullLogger.Instance);
        var path = directory.Path;
        File.WriteAllText(Path.Combine(path, "x.dll"), "x");

        directory.Clean();

        Assert.That(path, Is.EqualTo(directory.Path).And.Not.Exist);
    }

    [Test]
    public void A_directory_of_the_settings_stays()
    {
        using var given = new TemporaryDirectory();
        var directory = new DeploymentDirectory(given.Path, NullLogger.Instance);

        directory.Clean();

        Assert.That(directory.Path, Is.EqualTo(given.Path).And.Exist);
    }
}
