namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>The permissions of a node.</summary>
internal sealed record ZooKeeperAcl(int Permissions, string Scheme, string Id)
{
    private const int All = 31;

    /// <summary>Grants everything to everybody.</summary>
    public static readonly ZooKeeperAcl Anyone = new(All, "world", "anyone");

    /// <summary>Grants everything to holders of the creator's credentials, and nothing to others.</summary>
    public static readonly ZooKeeperAcl Creator = new(All, "auth", "");

    // A vector of one.
    public void Write(JuteWriter writer)
    {
        writer.Int(1);
        writer.Int(Permissions);
        writer.Text(Scheme);
        writer.Text(Id);
    }
}
