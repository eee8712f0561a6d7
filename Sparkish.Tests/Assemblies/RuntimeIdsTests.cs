using Sparkish.Assemblies;

namespace Sparkish.Tests.Assemblies;

internal sealed class RuntimeIdsTests
{
    [TestCase("linux-x64", "linux-x64 linux unix-x64 unix any")]
    [TestCase("linux-musl-arm64", "linux-musl-arm64 linux-musl linux-arm64 linux unix-arm64 unix any")]
    [TestCase("osx-arm64", "osx-arm64 osx unix-arm64 unix any")]
    [TestCase("win-x86", "win-x86 win any")]
    [TestCase("plan9-x64", "plan9-x64 any")]
    [TestCase("linux", "linux any")]
    public void A_system_falls_back_as_the_portable_ones_of_the_platform_do(string rid, string expected) =>
        Assert.That(RuntimeIds.FallBacks(rid), Is.EqualTo(expected.Split(' ')));

    [TestCase("zip", "linux-x64", "libzip.so zip.so zip libzip")]
    [TestCase("libzip.so", "linux-x64", "libzip.so liblibzip.so libzip.so.so liblibzip.so.so")]
    [TestCase("libzip.so.5", "linux-x64", "libzip.so.5 liblibzip.so.5 libzip.so.5.so liblibzip.so.5.so")]
    [TestCase("zip", "osx-arm64", "libzip.dylib zip.dylib zip libzip")]
    [TestCase("zip", "win-x64", "zip.dll zip")]
    [TestCase("zip.dll", "win-x64", "zip.dll")]
    public void A_native_library_is_looked_for_by_the_names_that_its_system_uses(string library, string rid, string expected) =>
        Assert.That(RuntimeIds.FilesOf(library, rid), Is.EqualTo(expected.Split(' ')));

    [Test]
    public void This_system_is_known() => Assert.That(RuntimeIds.FallBacks(RuntimeIds.Current), Has.Count.GreaterThan(2));
}
