//! On the board, by a probe: `cargo test --release`. Erases what the gateway has noted.
#![no_std]
#![no_main]

#[cfg(test)]
#[embedded_test::tests]
mod tests {
    use defmt_rtt as _;
    use embassy_time::{Duration, Instant, Timer};
    use embedded_storage_async::nor_flash::{NorFlash, ReadNorFlash};
    use nucleo_h743zi::{
        board::Board,
        flash::{self, ChipFlash},
    };

    const SECTOR: u32 = ChipFlash::ERASE_SIZE as u32;
    const WORD: usize = ChipFlash::WRITE_SIZE;

    #[init]
    async fn init() -> Board {
        Board::start()
    }

    /// Also that an erase takes no longer than the gateway is told, and that the CPU goes on meanwhile.
    #[test]
    #[timeout(30)]
    async fn what_is_written_is_read_back_and_an_erase_stops_nobody(mut board: Board) {
        let begin = flash::GATEWAY.start;
        let started = Instant::now();
        let mut rounds = 0_u32;
        let meanwhile = async {
            loop {
                Timer::after_millis(10).await;
                rounds += 1;
            }
        };
        let erase = board.flash.erase(begin, begin + SECTOR);
        let erased = embassy_futures::select::select(erase, meanwhile).await;
        defmt::assert!(matches!(erased, embassy_futures::select::Either::First(Ok(()))));
        let took = started.elapsed();
        defmt::info!("an erase of 128 KiB took {=u64} ms", took.as_millis());
        defmt::assert!(took <= Duration::from_millis(flash::ERASE_MILLIS.into()));
        defmt::assert!(u64::from(rounds) >= took.as_millis() / 20, "the CPU stood still");
        let mut word = [0; WORD];
        defmt::unwrap!(board.flash.read(begin, &mut word).await);
        defmt::assert_eq!(word, [0xFF; WORD]);
        defmt::unwrap!(board.flash.write(begin, &[0x5A; WORD]).await);
        defmt::unwrap!(board.flash.read(begin, &mut word).await);
        defmt::assert_eq!(word, [0x5A; WORD]);
        defmt::unwrap!(board.flash.erase(begin, begin + SECTOR).await);
    }

    #[test]
    async fn a_second_of_the_clock_is_a_second_of_the_core(_board: Board) {
        // SAFETY: nobody else counts the cycles.
        let mut core = unsafe { cortex_m::Peripherals::steal() };
        core.DCB.enable_trace();
        core.DWT.enable_cycle_counter();
        let before = cortex_m::peripheral::DWT::cycle_count();
        Timer::after_secs(1).await;
        let cycles = cortex_m::peripheral::DWT::cycle_count().wrapping_sub(before);
        // 400 MHz, and 1 % for what the executor takes.
        defmt::assert!((396_000_000..404_000_000).contains(&cycles), "{=u32} cycles", cycles);
    }
}
