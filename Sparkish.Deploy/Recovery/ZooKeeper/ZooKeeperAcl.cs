namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>The permissions of a node.</summary>
internal sealed record ZooKeeperAcl(int Permissions, string Scheme, string Id)
{
    private const int All = 31;

    /// <summary>Everybody may do all.</summary>
    public static readonly ZooKeeperAcl Anyone = new(All, "world", "anyone");

    /// <summary>Who has the credentials of the node's creator may do all, nobody else anything.</summary>
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
