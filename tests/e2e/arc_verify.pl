# What Mail::DKIM says of the ARC chain of the message on standard input: "pass", "fail" or "none".
# The one argument is a file of published records, "name record" on each line; nothing else is looked up.
use strict;
use warnings;
use Mail::DKIM::ARC::Verifier;
use Mail::DKIM::DNS;
use Net::DNS;

sub Published::send {
    my ( $records, $name, $type ) = @_;
    my $answer = Net::DNS::Packet->new( $name, $type );
    my $record = $records->{$name};
    $answer->push( answer => Net::DNS::RR->new( name => $name, type => 'TXT', txtdata => $record ) ) if $record;
    return $answer;
}
sub Published::errorstring { return 'NOERROR' }

open( my $file, '<', $ARGV[0] ) or die "$ARGV[0]: $!\n";
my %records = map { chomp; split / /, $_, 2 } <$file>;
Mail::DKIM::DNS::resolver( bless \%records, 'Published' );
my $verifier = Mail::DKIM::ARC::Verifier->new();
$verifier->load( \*STDIN );
print $verifier->result(), "\n";
