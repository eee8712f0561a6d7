namespace Sparkish.Tests.Security;

/// <summary>A test with a certificate authority and a folder for its files.</summary>
internal abstract class TestWithAuthority
{
    protected TemporaryDirectory Folder { get; private set; } = null!;

    protected TestAuthority Authority { get; private set; } = null!;

    [SetUp]
    public void MakeAuthority()
    {
        Folder = new TemporaryDirectory();
        Authority = new TestAuthority(Folder.Path);
    }

    [TearDown]
    public void RemoveAuthority()
    {
        Authority.Dispose();
        Folder.Dispose();
    }
}
